"""Command line: ``python -m helu_training train|export|all NAME --data DIR --out DIR``."""

import argparse
from dataclasses import replace
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
    parser.add_argument("--device", default="cpu", help="where to train: cpu (the default) or cuda")
    parser.add_argument("--epochs", type=int, help="instead of the recipe's")
    parser.add_argument("--batch", type=int, help="instead of the recipe's")
    parser.add_argument("--minutes", type=float, help="run through the rest of the schedule in this time instead of epochs")
    arguments = parser.parse_args()
    changes = {key: value for key in ("epochs", "batch") if (value := getattr(arguments, key)) is not None}
    sample = replace(SAMPLES[arguments.name], **changes)
    if arguments.action in ("train", "all"):
        from .train import train
        train(sample, arguments.data, arguments.out, arguments.resume, arguments.device, arguments.minutes)
    if arguments.action in ("export", "all"):
        from .export import export
        export(sample, arguments.data, arguments.out)


if __name__ == "__main__":
    main()
