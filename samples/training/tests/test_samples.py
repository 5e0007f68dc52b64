"""The committed references are consistent: hashes, accuracies, and logits of model.onnx in ONNX Runtime."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest

from helu_training import data
from helu_training.export import sha256
from helu_training.samples import SAMPLES

FOLDER = data.COMMITTED.parent


@pytest.fixture(params=list(SAMPLES))
def sample(request):
    return SAMPLES[request.param]


@pytest.fixture
def reference(sample):
    return json.loads((FOLDER / sample.name / "reference.json").read_text())


def test_hashes(sample, reference):
    for name, expected in reference["files"].items():
        assert sha256(FOLDER / sample.name / name) == expected, name


def test_reference_tells_the_recipe(sample, reference):
    assert (reference["format"], reference["sample"], reference["dataset"]) == (1, sample.name, sample.dataset)
    assert (reference["alpha"], reference["seed"]) == (sample.alpha, sample.seed)
    assert reference["parameters"] == sum(p.numel() for p in sample.build(sample.alpha).parameters())
    assert reference["interim"] == (reference["epochs"] < sample.epochs)


def test_predictions_give_the_accuracy(sample, reference):
    _, labels, indices = data.load_committed(sample.dataset)
    predictions = np.load(FOLDER / sample.name / "reference-predictions.npy")
    accuracy = reference["accuracy"]
    assert predictions.shape == (10000,) and predictions.dtype == np.uint8
    assert accuracy["committedImages"] == len(labels)
    assert accuracy["committedCorrect"] == int((predictions[indices] == labels).sum())
    assert accuracy["fraction"] == accuracy["correct"] / 10000


def test_onnx_runtime_gives_the_logits_and_predictions(sample):
    images, _, indices = data.load_committed(sample.dataset)
    session = onnxruntime.InferenceSession(FOLDER / sample.name / "model.onnx", providers=["CPUExecutionProvider"])
    logits = np.concatenate([session.run(["logits"], {"input": data.to_input(images[i:i + 500])})[0]
                             for i in range(0, len(images), 500)])
    expected = np.load(FOLDER / sample.name / "reference-logits.npy")
    assert expected.shape == (1000, 10) and expected.dtype == np.float32
    np.testing.assert_allclose(logits[:1000], expected, atol=1e-4, rtol=0)
    # Two logits may be equal up to rounding; elsewhere the prediction must be the same.
    top = np.sort(logits, 1)
    clear = top[:, -1] - top[:, -2] > 1e-3
    predictions = np.load(FOLDER / sample.name / "reference-predictions.npy")[indices]
    assert np.array_equal(logits.argmax(1)[clear], predictions[clear])


def test_model_holds_alpha_and_nothing_local(sample, reference):
    path = FOLDER / sample.name / "model.onnx"
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    assert metadata == {"helu.input_range": "0,1", "helu.alpha": str(sample.alpha)}
    nodes = model.graph.node
    if sample.model_local_function:
        calls = [node for node in nodes if (node.domain, node.op_type) == ("helu", "HeLU")]
        alphas = [onnx.helper.get_node_attr_value(node, "alpha") for node in calls]
        assert not [node for node in nodes if node.op_type == "Relu"]
    else:
        relus = [node for node in nodes if node.op_type == "Relu"]
        alphas = [float(entry.value) for node in relus for entry in node.metadata_props if entry.key == "helu.alpha"]
        assert len(alphas) == len(relus)
    assert alphas and alphas == pytest.approx([sample.alpha] * len(alphas))
    assert "BatchNormalization" in {node.op_type for node in nodes}
    content = path.read_bytes()
    assert not any(trace in content for trace in (b"stack_trace", b"pkg.torch", b".py", b"site-packages"))
