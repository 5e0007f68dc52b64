"""Training, resuming and export on a little data."""

from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from helu_training import data, lowbit, onnx_export
from helu_training.export import export
from helu_training.helu import HeLU
from helu_training.samples import SAMPLES
from helu_training.train import augment, checkpoint_path, learning_rate, train


def run(proto, pixels):
    session = onnxruntime.InferenceSession(onnx_export.to_bytes(proto), providers=["CPUExecutionProvider"])
    return session.run(None, {"input": pixels})[0]


@pytest.fixture
def little_mnist(tmp_path):
    images, labels = data.load("mnist", "test", data.COMMITTED)
    folder = tmp_path / "data" / "mnist"
    folder.mkdir(parents=True)
    count = 1600
    header = np.array([0x803, count, 28, 28], ">u4").tobytes()
    (folder / "train-images-idx3-ubyte").write_bytes(header + images[:count].tobytes())
    (folder / "train-labels-idx1-ubyte").write_bytes(np.array([0x801, count], ">u4").tobytes() + labels[:count].tobytes())
    return folder.parent


def test_training_learns_and_a_resumed_run_is_the_same_run(little_mnist, tmp_path, capsys):
    sample = replace(SAMPLES["mnist-mlp"], epochs=3, batch=50)
    whole = train(sample, little_mnist, tmp_path / "whole")
    assert "epoch 3 of 3" in capsys.readouterr().out

    class Interrupted(Exception):
        pass

    def stop(module, inputs):  # an epoch has 12 training and 2 evaluation batches: stops in the second epoch
        stop.calls += 1
        if stop.calls == 18:
            raise Interrupted

    def build(alpha):
        model = sample.build(alpha)
        model.register_forward_pre_hook(stop)
        return model

    stop.calls = 0
    with pytest.raises(Interrupted):
        train(replace(sample, build=build), little_mnist, tmp_path / "broken")
    assert torch.load(checkpoint_path(sample, tmp_path / "broken"), weights_only=True)["epochs"] == 1
    resumed = train(sample, little_mnist, tmp_path / "broken", resume=True)
    for expected, actual in zip(whole.state_dict().values(), resumed.state_dict().values()):
        assert torch.equal(expected, actual)


def test_a_time_limit_runs_through_the_whole_schedule(little_mnist, tmp_path):
    sample = replace(SAMPLES["mnist-mlp"], batch=50)
    train(sample, little_mnist, tmp_path, minutes=0.02)
    state = torch.load(checkpoint_path(sample, tmp_path), weights_only=True)
    assert state["progress"] == 1.0 and state["epochs"] > 0


def test_augmentation_is_drawn_per_image_and_only_moves_pixels():
    padded = np.zeros((200, 12, 12, 1), np.uint8)
    padded[:, 5, 6] = 1
    moved = augment(padded, np.random.default_rng(0), 8, 2, True)
    assert moved.shape == (200, 8, 8, 1)
    assert np.all(moved.sum((1, 2, 3)) == 1)
    assert len({tuple(np.argwhere(image)[0]) for image in moved}) > 20


def test_learning_rate_goes_up_to_the_peak_and_down_to_zero():
    sample = SAMPLES["mnist-mlp"]
    rates = [learning_rate(sample, progress) for progress in (0.0, 0.1, 0.2, 0.6, 1.0)]
    assert rates == pytest.approx([factor * sample.learning_rate for factor in (0, 0.5, 1, 0.5, 0)])


def test_adam_warms_up_and_follows_half_a_cosine():
    sample = SAMPLES["mnist-mlp-w1a1"]
    rates = [learning_rate(sample, progress) for progress in (0.0, 0.5, 0.75, 1.0)]
    assert rates == pytest.approx([factor * sample.learning_rate for factor in (0, 0.5, (1 - 2 ** -0.5) / 2, 0)])


def test_low_bit_training_exports_and_describes_itself(little_mnist, tmp_path):
    sample = replace(SAMPLES["mnist-mlp-w1a1"], epochs=2, batch=50)
    whole = train(sample, little_mnist, tmp_path / "whole")
    images, labels = data.load_committed("mnist")[:2]
    header = np.array([0x803, 10000, 28, 28], ">u4").tobytes()
    (little_mnist / "mnist" / "t10k-images-idx3-ubyte").write_bytes(header + images.tobytes())
    (little_mnist / "mnist" / "t10k-labels-idx1-ubyte").write_bytes(
        np.array([0x801, 10000], ">u4").tobytes() + labels.tobytes())
    reference = export(sample, little_mnist, tmp_path / "whole")
    assert (reference["mode"], reference["weightBits"], reference["activationBits"], reference["inputBits"]) == (
        "trained binarized", 1, 1, 8)
    assert [layer["weightBits"] for layer in reference["layers"]] == [1, 1, 1, 1]
    assert reference["accuracy"]["fraction"] > 0.7
    assert all(p.abs().max() <= 1 for name, p in whole.named_parameters() if p.ndim > 1)


@pytest.mark.parametrize("name", [name for name, sample in SAMPLES.items()
                                  if not lowbit.is_low_bit(sample.build(sample.alpha))])  # those: test_lowbit.py
def test_export_is_deterministic_and_computes_the_same(name):
    sample = SAMPLES[name]
    torch.manual_seed(0)
    model = sample.build(sample.alpha)
    with torch.no_grad():  # batch norm that does something
        for module in model.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                module.running_mean.normal_(0, 0.1)
                module.running_var.uniform_(0.5, 2)
                module.weight.uniform_(0.5, 2)
                module.bias.normal_(0, 0.1)
    pixels = data.to_input(data.load_committed(sample.dataset)[0][:7])
    first, second = (onnx_export.to_onnx(model, pixels.shape[1:], name,
                                         model_local_function=sample.model_local_function) for _ in range(2))
    assert onnx_export.to_bytes(first) == onnx_export.to_bytes(second)
    with torch.no_grad():
        np.testing.assert_allclose(run(first, pixels), model(torch.from_numpy(pixels)), atol=1e-4, rtol=0)


@pytest.mark.parametrize("function", [False, True])
def test_only_helu_is_marked_and_each_keeps_its_own_alpha(function):
    model = nn.Sequential(nn.Linear(4, 4), HeLU(0.25), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4), HeLU(0.5),
                          nn.Linear(4, 10))
    proto = onnx_export.to_onnx(model, (4,), "net", input_range=(-1, 1), model_local_function=function)
    relus = [node for node in proto.graph.node if node.op_type in ("Relu", "HeLU")]
    if function:
        assert [node.domain for node in relus] == ["helu", "", "helu"]
        assert [onnx.helper.get_node_attr_value(relus[i], "alpha") for i in (0, 2)] == [0.25, 0.5]
    else:
        assert [[entry.value for entry in node.metadata_props] for node in relus] == [["0.25"], [], ["0.5"]]
    assert [(entry.key, entry.value) for entry in proto.metadata_props] == [("helu.input_range", "-1,1")]
