"""Export of a trained sample: model.onnx, reference logits and predictions, reference.json."""

import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from . import data, float64, lowbit, lowbit_export, onnx_export
from .train import HOLDOUT, checkpoint_path, predict

LOGITS = 1000  # test images whose logits are kept
OPTIMIZERS = {"sgd": "SGD, Nesterov momentum 0.9", "adam": "Adam, cosine learning rate"}


def export(sample, data_folder, out):
    """Writes the folder ``out``/NAME from the checkpoint ``out``/NAME.pt and returns what reference.json says."""
    torch.set_num_threads(1)
    state = torch.load(checkpoint_path(sample, out), weights_only=True)
    model = sample.build(state["alpha"])
    model.load_state_dict(state["model"])
    folder = Path(out) / sample.name
    folder.mkdir(parents=True, exist_ok=True)

    images, labels = data.load(sample.dataset, "test", data_folder)
    if lowbit.is_low_bit(model):
        proto, logits, low_bit = _export_low_bit(sample, model, images)
    else:
        logits, low_bit = predict(model, images), {}
        proto = onnx_export.to_onnx(model, images.shape[1:], sample.name,
                                    model_local_function=sample.model_local_function)
    predictions = logits.argmax(1).astype(np.uint8)
    (folder / "model.onnx").write_bytes(onnx_export.to_bytes(proto))
    np.save(folder / "reference-logits.npy", logits[:LOGITS])
    np.save(folder / "reference-predictions.npy", predictions)

    committed_images, committed_labels, indices = data.load_committed(sample.dataset)
    if not np.array_equal(committed_images, images[indices]):
        raise ValueError("the committed test images are not those of --data")
    reference = {
        "format": 1,
        "sample": sample.name,
        "description": sample.title,
        "dataset": sample.dataset,
        "classes": data.CLASSES[sample.dataset],
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "input": {"shape": list(images.shape[1:]), "scale": "byte/255", "range": [0, 1]},
        **low_bit,
        "alpha": state["alpha"],
        "seed": state["seed"],
        "epochs": state["epochs"],
        "interim": state.get("progress", state["epochs"] / state["plannedEpochs"]) < 1,
        "recipe": {"batch": state.get("batch", sample.batch), "optimizer": OPTIMIZERS[sample.optimizer],
                   "peakLearningRate": sample.learning_rate, "weightDecay": sample.weight_decay,
                   "crop": sample.crop, "flip": sample.flip, "bfloat16": sample.convolutional,
                   "heldOutTrainingImages": HOLDOUT,
                   **({"teacher": state["teacher"]} if state.get("teacher") else {}),
                   **({"minutes": state["minutes"]} if state.get("minutes") else {})},
        "trainingSeconds": round(state["seconds"]),
        "threads": 1,
        "versions": {"python": platform.python_version(),
                     **{name: version(name) for name in ("torch", "onnx", "onnxscript", "onnxruntime", "numpy")}},
        "accuracy": {**_accuracy("testImages", "correct", "fraction", predictions, labels),
                     **_accuracy("committedImages", "committedCorrect", "committedFraction",
                                 predictions[indices], committed_labels)},
        "files": _hashes(sample, folder),
    }
    (folder / "reference.json").write_text(json.dumps(reference, indent=2) + "\n")
    print(f"{folder}: {reference['accuracy']}")
    return reference


def _export_low_bit(sample, model, images):
    """The frozen network as ONNX, its float64 logits rounded to float32, and what reference.json says about it."""
    proto = lowbit_export.to_onnx(lowbit.freeze(model), images.shape[1:], sample.name)
    pixels = data.to_input(images)
    exact, margin = float64.logits(proto, pixels)
    logits = exact.astype(np.float32)
    session = onnxruntime.InferenceSession(onnx_export.to_bytes(proto), providers=["CPUExecutionProvider"])
    ort = np.concatenate([session.run(None, {"input": pixels[i:i + 250]})[0] for i in range(0, len(pixels), 250)])
    return proto, logits, {
        "mode": "trained binarized",
        **lowbit.describe(model),
        "reference": {
            "evaluation": "the formula of model.onnx in float64 (integer sums exact), rounded to float32",
            "smallestDistanceFromThreshold": margin,
            "pytorchFloat32": _difference(predict(model, images), logits),
            "onnxRuntimeFloat32": _difference(ort, logits),
        },
    }


def _difference(logits, reference):
    """How many images a float32 evaluation gives another class, or logits that differ by more than its rounding."""
    changed = np.abs(logits - reference).max(1) > 1e-3
    return {"imagesWithOtherLogits": int(changed.sum()),
            "imagesWithOtherClass": int((logits.argmax(1) != reference.argmax(1)).sum())}


def _accuracy(total, correct, fraction, predictions, labels):
    count = int((predictions == labels).sum())
    return {total: len(labels), correct: count, fraction: count / len(labels)}


def _hashes(sample, folder):
    """SHA-256 of the files of the sample and of the committed data, by path relative to the sample's folder."""
    files = [folder / name for name in ("model.onnx", "reference-logits.npy", "reference-predictions.npy")]
    hashes = {path.name: sha256(path) for path in files}
    for path in sorted((data.COMMITTED / sample.dataset).iterdir()):
        hashes[f"../data/{sample.dataset}/{path.name}"] = sha256(path)
    return hashes


def sha256(path):
    """The SHA-256 of a file in hexadecimal digits."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
