"""The committed references are consistent: hashes, accuracies, and logits of model.onnx in ONNX Runtime."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from helu_training import data, lowbit
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
    assert not reference["interim"]


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
    # In a low-bit net float32 may put a value next to its threshold on the other side. Which one depends on the CPU.
    flips = lowbit.is_low_bit(sample.build(sample.alpha))
    assert (np.abs(logits[:1000] - expected) > 1e-4).any(1).sum() <= (10 if flips else 0)
    # Two logits may be equal up to rounding; elsewhere the prediction must be the same.
    top = np.sort(logits, 1)
    clear = top[:, -1] - top[:, -2] > 1e-3
    predictions = np.load(FOLDER / sample.name / "reference-predictions.npy")[indices]
    assert (logits.argmax(1) != predictions)[clear].sum() <= (len(predictions) // 1000 if flips else 0)


def test_model_holds_alpha_and_nothing_local(sample, reference):
    path = FOLDER / sample.name / "model.onnx"
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    assert metadata == {"helu.input_range": "0,1", "helu.alpha": str(sample.alpha)}
    nodes = model.graph.node
    if lowbit.is_low_bit(sample.build(sample.alpha)):
        steps = [node for node in nodes if node.op_type == "Greater"]
        alphas = [float(entry.value) for node in steps for entry in node.metadata_props if entry.key == "helu.alpha"]
        assert len(alphas) == len(steps)
    elif sample.model_local_function:
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


def test_low_bit_weights_are_integers_and_two_valued_where_one_bit(sample, reference):
    if not lowbit.is_low_bit(sample.build(sample.alpha)):
        assert "mode" not in reference
        return
    model = onnx.load(FOLDER / sample.name / "model.onnx")
    tensors = {entry.name: numpy_helper.to_array(entry) for entry in model.graph.initializer}
    weights = [[tensors[name] for name in node.input[:2]] for node in model.graph.node
               if node.op_type == "DequantizeLinear" and node.input[0] in tensors]
    assert [codes.size for codes, _ in weights] == [layer["weights"] for layer in reference["layers"]]
    for (codes, scale), layer in zip(weights, reference["layers"]):
        assert codes.dtype == np.int8 and scale.shape == codes.shape[:1] and (scale > 0).all()
        if layer["weightBits"] == 1:
            assert set(np.unique(codes)) == {-1, 1}
