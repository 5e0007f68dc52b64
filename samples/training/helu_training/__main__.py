"""Command line: ``python -m helu_training train|export|all NAME --data DIR --out DIR``."""

import argparse
from pathlib import Path

from .samples import SAMPLES


def main():
    """Parses the command line and runs it."""
    parser = argparse.ArgumentParser(prog="helu_training", description="Train and export the helu sample networks.")
    parser.add_argument("action", choices=["train", "export", "all"], help="all: train, then export")
    parser.add_argument("name", choices=list(SAMPLES))
    parser.add_argument("--data", required=True, type=Path, help="folder with mnist/, fashion-mnist/, cifar10/")
    parser.add_argument("--out", required=True, type=Path, help="folder for the checkpoint NAME.pt and the folder NAME/")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    arguments = parser.parse_args()
    sample = SAMPLES[arguments.name]
    if arguments.action in ("train", "all"):
        from .train import train
        train(sample, arguments.data, arguments.out, arguments.resume)
    if arguments.action in ("export", "all"):
        from .export import export
        export(sample, arguments.data, arguments.out)


if __name__ == "__main__":
    main()
