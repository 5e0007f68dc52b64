import pytest
import torch

from helu_training.helu import HeLU

# Powers of two: -alpha is the same number in every floating dtype.
ALPHA = 0.0625
POINTS = [-1.0, -0.125, -0.0625, -0.03125, 0.0, 0.03125, 1.0]
WINDOW = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]  # x > -alpha, strictly


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_forward_is_relu_and_gradient_window_is_shifted(dtype):
    x = torch.tensor(POINTS, dtype=dtype, requires_grad=True)
    y = HeLU(ALPHA)(x)
    dy = torch.arange(1, 8, dtype=dtype)
    y.backward(dy)
    assert torch.equal(y, torch.relu(x))
    assert x.grad.dtype == dtype
    assert torch.equal(x.grad, dy * torch.tensor(WINDOW, dtype=dtype))


def test_alpha_zero_is_relu():
    x = torch.tensor(POINTS, requires_grad=True)
    reference = x.detach().clone().requires_grad_()
    HeLU(0.0)(x).sum().backward()
    torch.relu(reference).sum().backward()
    assert torch.equal(x.grad, reference.grad)


def test_gradient_is_the_numerical_one_of_relu_outside_the_hysteresis_band():
    torch.manual_seed(0)
    x = torch.randn(1000, dtype=torch.float64)
    x = x[(x <= -ALPHA) | (x > 1e-3)].requires_grad_()
    assert torch.autograd.gradcheck(HeLU(ALPHA), (x,))


def test_channels_last_gradient_matches_the_formula():
    torch.manual_seed(0)
    x = torch.randn(2, 3, 5, 4).contiguous(memory_format=torch.channels_last).requires_grad_()
    dy = torch.randn(2, 3, 5, 4)
    HeLU(ALPHA)(x).backward(dy)
    assert torch.equal(x.grad, torch.where(x > -ALPHA, dy, 0.0))


def test_negative_alpha_is_refused():
    with pytest.raises(ValueError):
        HeLU(-0.1)
