"""Low-bit activations and weights: values, gradients, freezing, ONNX export against ONNX Runtime and float64."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import numpy_helper
from torch import nn

from helu_training import data, float64, lowbit, lowbit_export, onnx_export
from helu_training.lowbit import ByteInput, HeluQuant, HeluStep, LowBitConv2d, LowBitLinear
from helu_training.samples import SAMPLES

ALPHA = 0.5  # as all points: the same number in every floating dtype
POINTS = [-2.0, -0.5, -0.25, 0.0, 0.25, 0.75, 1.0, 2.0]
WINDOW = [0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0]  # -alpha < x < 1, strictly
DTYPES = [torch.float32, torch.float64, torch.bfloat16]
LOW_BIT = [name for name, sample in SAMPLES.items() if lowbit.is_low_bit(sample.build(sample.alpha))]


def run(proto, pixels):
    session = onnxruntime.InferenceSession(onnx_export.to_bytes(proto), providers=["CPUExecutionProvider"])
    return session.run(None, {"input": pixels})[0]


def randomize_batch_norm(model, seed=0):
    """Batch norm that does something: negative and zero gamma included."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                module.running_mean.normal_(0, 0.1, generator=generator)
                module.running_var.uniform_(0.5, 2, generator=generator)
                module.weight.uniform_(-1, 2, generator=generator)
                module.weight[0] = 0
                module.bias.normal_(0, 0.3, generator=generator)
    return model


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("activation, values", [
    (HeluStep(ALPHA), [0, 0, 0, 0, 1, 1, 1, 1]),
    (HeluStep(ALPHA, scale=0.5), [0, 0, 0, 0, 0.5, 0.5, 0.5, 0.5]),
    (HeluQuant(1, ALPHA), [0, 0, 0, 0, 0, 1, 1, 1]),
    (HeluQuant(2, ALPHA), [0, 0, 0, 0, 1 / 3, 2 / 3, 1, 1]),
])
def test_activation_has_its_values_and_the_gradient_of_the_window(activation, values, dtype):
    x = torch.tensor(POINTS, dtype=dtype, requires_grad=True)
    y = activation(x)
    dy = torch.arange(1, 9, dtype=dtype)
    y.backward(dy)
    assert y.dtype == x.grad.dtype == dtype
    assert torch.equal(y, torch.tensor(values, dtype=dtype))
    assert torch.equal(x.grad, dy * torch.tensor(WINDOW, dtype=dtype))


def test_window_of_alpha_zero_begins_behind_zero():
    x = torch.tensor([-0.25, 0.0, 0.25], requires_grad=True)
    HeluStep(0.0)(x).sum().backward()
    assert x.grad.tolist() == [0, 0, 1]


def test_quantizer_rounds_half_to_even():
    x = torch.tensor([0.5, 1.5, 2.5], dtype=torch.float64) / 3  # exact again after the multiplication by 3
    assert torch.equal(x * 3, torch.tensor([0.5, 1.5, 2.5], dtype=torch.float64))
    assert torch.equal(HeluQuant(2, ALPHA)(x), torch.tensor([0.0, 2.0, 2.0], dtype=torch.float64) / 3)
    assert HeluQuant(1, ALPHA)(torch.tensor(0.5)).item() == 0


@pytest.mark.parametrize("activation", [HeluStep(ALPHA, pool=2), HeluQuant(2, ALPHA, pool=2)])
def test_pool_before_and_behind_the_activation_are_the_same(activation):
    torch.manual_seed(0)
    x = torch.randn(3, 5, 6, 8)
    activation_first = nn.functional.max_pool2d(activation.activate(x), 2)
    assert torch.equal(activation(x), activation_first)


@pytest.mark.parametrize("build", [lambda: HeluStep(-0.1), lambda: HeluStep(1.0, scale=0.0), lambda: HeluQuant(0, 1.0),
                                   lambda: HeluQuant(9, 1.0), lambda: LowBitLinear(2, 2, 4)])
def test_contradictory_parameters_are_refused(build):
    with pytest.raises(ValueError):
        build()


def test_one_bit_weights_are_sign_times_mean_and_the_gradient_is_clipped():
    layer = LowBitLinear(4, 2, 1)
    layer.weight.data = torch.tensor([[0.5, -0.25, 1.5, -1.25], [0.0, -1.0, 1.0, -0.5]])
    mean = torch.tensor([0.875, 0.625])
    quantized = layer.quantized_weight()
    assert torch.equal(quantized, torch.tensor([[1.0, -1, 1, -1], [1, -1, 1, -1]]) * mean[:, None])
    dy = torch.tensor([[1.0, 2, 3, 4], [5, 6, 7, 8]])
    quantized.backward(dy)
    inside = torch.tensor([[1.0, 1, 0, 0], [1, 1, 1, 1]])  # |w| <= 1
    assert torch.equal(layer.weight.grad, dy * mean[:, None] * inside)


def test_eight_bit_weights_are_symmetric_int8_and_the_gradient_passes():
    layer = LowBitConv2d(1, 2, 2, 8)
    layer.weight.data = torch.tensor([[[[127.0, -63.5], [0.5, 1.5]]], [[[-254.0, 3.0], [5.0, 0.0]]]])
    integers, scale = layer.integer_weight()
    assert integers.flatten().tolist() == [127, -64, 0, 2, -127, 2, 2, 0]  # ties to even
    assert scale.flatten().tolist() == [1, 2]
    dy = torch.arange(8.0).reshape(2, 1, 2, 2)
    layer.quantized_weight().backward(dy)
    assert torch.equal(layer.weight.grad, dy)


def test_a_channel_of_zero_weights_stays_finite():
    layer = LowBitLinear(3, 1, 8)
    nn.init.zeros_(layer.weight)
    assert torch.equal(layer.quantized_weight(), torch.zeros(1, 3))


def test_frozen_weights_do_not_follow_the_latent_ones():
    torch.manual_seed(0)
    model = nn.Sequential(LowBitConv2d(3, 4, 3, 1), nn.Flatten(), LowBitLinear(4, 2, 8))
    x = torch.rand(2, 3, 3, 3)
    expected = model(x).detach()
    lowbit.freeze(model)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.normal_()
    assert torch.equal(model(x), expected)
    assert not any(p.requires_grad for p in model.parameters() if p.ndim > 1)


def test_latent_weights_of_one_bit_layers_are_clamped():
    model = nn.Sequential(LowBitLinear(2, 2, 1), LowBitLinear(2, 2, 8))
    for layer in model:
        nn.init.constant_(layer.weight, 3.0)
    lowbit.clamp_latent(model)
    assert model[0].weight.unique().tolist() == [1.0] and model[1].weight.unique().tolist() == [3.0]


def test_byte_input_keeps_bytes():
    codes = np.arange(256, dtype=np.uint8)
    y = ByteInput()(torch.from_numpy(data.to_input(codes)))
    assert np.array_equal(y.numpy(), codes * np.float32(1 / 255))


def test_training_moves_latent_weights_and_lowers_the_loss():
    torch.manual_seed(0)
    model = nn.Sequential(LowBitLinear(16, 64, 1), nn.BatchNorm1d(64), HeluStep(1.0), LowBitLinear(64, 2, 8, bias=True))
    x = torch.rand(256, 16)
    y = (x[:, :8].sum(1) > x[:, 8:].sum(1)).long()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(60):
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        lowbit.clamp_latent(model)
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2


@pytest.mark.parametrize("name", LOW_BIT)
def test_export_of_samples_agrees_with_float64(name):
    sample = SAMPLES[name]
    torch.manual_seed(0)
    model = lowbit.freeze(randomize_batch_norm(sample.build(sample.alpha)))
    pixels = data.to_input(data.load_committed(sample.dataset)[0][:4])
    first, second = (lowbit_export.to_onnx(model, pixels.shape[1:], name) for _ in range(2))
    assert onnx_export.to_bytes(first) == onnx_export.to_bytes(second)
    with torch.no_grad():
        actual = model(torch.from_numpy(pixels))
    expected, margin = float64.logits(first, pixels)
    assert margin > 1e-9  # a value nearer to its threshold could fall on either side in float32
    np.testing.assert_allclose(actual, expected, atol=1e-4, rtol=0)
    np.testing.assert_allclose(run(first, pixels), expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("bits", [1, 2, 3, 4, 8])
def test_k_bit_export_agrees_with_onnx_runtime(bits):
    torch.manual_seed(bits)
    model = nn.Sequential(
        ByteInput(),
        LowBitConv2d(1, 6, 3, 8, padding=1), nn.BatchNorm2d(6), HeluQuant(bits, 0.25, pool=2),
        LowBitConv2d(6, 7, 3, 1, stride=2, padding=1), nn.BatchNorm2d(7), HeluQuant(bits, 0.25),
        nn.Flatten(), LowBitLinear(7 * 7 * 7, 10, 1, bias=True))
    lowbit.freeze(randomize_batch_norm(model))
    pixels = data.to_input(data.load_committed("mnist")[0][:20])
    proto = lowbit_export.to_onnx(model, (1, 28, 28), "k-bit")
    expected, _ = float64.logits(proto, pixels)
    with torch.no_grad():
        actual = model(torch.from_numpy(pixels)).numpy()
    # A value next to a rounding point may fall on either side in float32: then one level of one activation changes.
    for logits in (actual, run(proto, pixels)):
        assert np.mean(np.abs(logits - expected).max(1) > 1e-4) <= 0.1
    codes = [node for node in proto.graph.node if node.op_type == "QuantizeLinear"]
    assert [[entry.value for entry in node.metadata_props] for node in codes] == [[], ["0.25"], ["0.25"]]
    scales = {entry.name: numpy_helper.to_array(entry) for entry in proto.graph.initializer}
    assert scales[codes[1].input[1]] == np.float32(1 / (2 ** bits - 1)) and scales[codes[1].input[2]].dtype == np.uint8


def test_scaled_step_is_exported_with_a_factor_and_grouped_convolutions_work():
    torch.manual_seed(0)
    model = nn.Sequential(ByteInput(), LowBitConv2d(2, 4, 3, 1, groups=2), nn.BatchNorm2d(4), HeluStep(1.0, scale=0.5),
                          nn.MaxPool2d(2), nn.Flatten(), LowBitLinear(4, 3, 1))
    lowbit.freeze(randomize_batch_norm(model))
    pixels = data.to_input(np.random.default_rng(0).integers(0, 256, (5, 2, 4, 4)).astype(np.uint8))
    proto = lowbit_export.to_onnx(model, (2, 4, 4), "net")
    assert [n.op_type for n in proto.graph.node if n.op_type in ("Greater", "Cast", "Mul")] == ["Greater", "Cast", "Mul"]
    expected, _ = float64.logits(proto, pixels)
    np.testing.assert_allclose(run(proto, pixels), expected, atol=1e-5, rtol=0)


def test_weights_are_exported_as_integers_with_one_scale_per_channel():
    model = lowbit.freeze(nn.Sequential(LowBitConv2d(2, 3, 3, 1), nn.Flatten(), LowBitLinear(3, 4, 8)))
    proto = lowbit_export.to_onnx(model, (2, 3, 3), "net")
    tensors = {entry.name: numpy_helper.to_array(entry) for entry in proto.graph.initializer}
    (bits, bit_scale, _), (bytes_, byte_scale, _) = (
        [tensors[name] for name in node.input] for node in proto.graph.node if node.op_type == "DequantizeLinear")
    assert bits.dtype == bytes_.dtype == np.int8
    assert set(np.unique(bits)) == {-1, 1} and bit_scale.shape == (3,)
    assert np.abs(bytes_).max(1).tolist() == [127] * 4 and byte_scale.shape == (4,)


def test_export_refuses_what_it_cannot_write():
    with pytest.raises(ValueError, match="freeze"):
        lowbit_export.to_onnx(nn.Sequential(LowBitLinear(2, 2, 1)), (2,), "net")
    with pytest.raises(ValueError, match="cannot export Sigmoid"):
        lowbit_export.to_onnx(lowbit.freeze(nn.Sequential(LowBitLinear(2, 2, 1), nn.Sigmoid())), (2,), "net")


@pytest.mark.parametrize("factor", [1, 1 << 16])  # sums in float32, and too large for it
def test_integer_sums_are_exact(factor):
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(0, 256, (3, 5, 8, 8), generator=generator) * factor
    w = torch.randint(-127, 128, (4, 5, 3, 3), generator=generator)
    one = torch.ones((), dtype=torch.float64)
    total = float64._exact(nn.functional.conv2d, *(float64.Codes(value.double(), one) for value in (x, w)))
    patches = x.unfold(2, 3, 1).unfold(3, 3, 1)  # N, C, H, W, 3, 3 in int64
    assert torch.equal(total.long(), torch.einsum("nchwij,ocij->nohw", patches, w))


def test_float64_refuses_unknown_operators():
    graph = onnx.helper.make_graph([onnx.helper.make_node("Tan", ["input"], ["logits"])], "net", [
        onnx.helper.make_tensor_value_info("input", onnx.TensorProto.FLOAT, ["batch", 2])], [
        onnx.helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, ["batch", 2])])
    with pytest.raises(ValueError, match="no float64 rule for Tan"):
        float64.logits(onnx.helper.make_model(graph), np.zeros((1, 2), np.float32))
