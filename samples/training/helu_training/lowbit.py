"""Low-bit HeLU networks for PyTorch: activations of 1 to 8 bits, weights of 1 or 8 bits, a byte as input.

Forward everything is what an integer device computes: activations are bits or small counts, weights are int8 numbers
times one scale per output channel. Backward is HeLU's window for activations and the straight-through estimator for
weights. ``lowbit_export`` writes such a network as ONNX.
"""

import torch
from torch import nn
from torch.nn import functional

INPUT_SCALE = torch.tensor(1 / 255)  # float32 on the CPU, as the exported file has it; moves to any device as a scalar


class StepFunction(torch.autograd.Function):
    """The 1-bit HeLU.

    Forward:   y  = scale * [x > 0]                        (0 at x = 0 and below)
    Backward:  dx = dy  where -alpha < x < 1, else 0       (HeLU's window, closed where the step is saturated)

    x may have any shape and any floating dtype; y and dx have the same.
    """

    @staticmethod
    def forward(ctx, x, alpha, scale):
        ctx.save_for_backward(x)
        ctx.alpha = alpha
        return step(x, scale)

    @staticmethod
    def backward(ctx, dy):
        return window(dy, *ctx.saved_tensors, ctx.alpha), None, None


class QuantFunction(torch.autograd.Function):
    """The k-bit HeLU.

    Forward:   y  = round(clip(x, 0, 1) * n) / n, n = 2^bits - 1, ties to even
    Backward:  dx = dy  where -alpha < x < 1, else 0
    """

    @staticmethod
    def forward(ctx, x, alpha, bits):
        ctx.save_for_backward(x)
        ctx.alpha = alpha
        return quantize(x, bits)

    @staticmethod
    def backward(ctx, dy):
        return window(dy, *ctx.saved_tensors, ctx.alpha), None, None


def step(x, scale=1.0):
    """scale * [x > 0] in the dtype of x; NaN gives 0."""
    # Written in the dtype of x at once: (x > 0).to(dtype) takes many times as long on a CPU.
    y = torch.gt(x, 0, out=torch.empty_like(x))
    return y if scale == 1 else y * scale


def quantize(x, bits):
    """round_half_even(clip(x, 0, 1) * n) / n with n = 2^bits - 1."""
    levels = 2 ** bits - 1
    return torch.round(x.clamp(0, 1) * levels) / levels


def window(dy, x, alpha):
    """dy where -alpha < x < 1, else 0: one pass, no mask in memory."""
    return torch.ops.aten.hardtanh_backward(dy, x, -alpha, 1.0)


class LowBitActivation(nn.Module):
    """An activation that takes few values, behind an optional max pool of ``pool`` x ``pool``.

    Both orders of pool and activation give the same values, as the activation is monotone. Trained is the pool first,
    so that the gradient goes to the largest x, not to the first of many equal bits; exported is the activation first,
    so that the pool works on bits (for 1 bit it is an OR).
    """

    def __init__(self, alpha, pool=1):
        super().__init__()
        if not alpha >= 0:
            raise ValueError(f"alpha must be >= 0, got {alpha}")
        self.alpha, self.pool = float(alpha), int(pool)

    def forward(self, x):
        if self.pool > 1:
            x = functional.max_pool2d(x, self.pool)
        return self.activate(x)


class HeluStep(LowBitActivation):
    """1-bit activation, values {0, scale}."""

    bits = 1

    def __init__(self, alpha, scale=1.0, pool=1):
        super().__init__(alpha, pool)
        if not scale > 0:
            raise ValueError(f"scale must be > 0, got {scale}")
        self.scale = float(scale)

    def activate(self, x):
        return StepFunction.apply(x, self.alpha, self.scale)

    def extra_repr(self):
        return f"alpha={self.alpha}, scale={self.scale}, pool={self.pool}"


class HeluQuant(LowBitActivation):
    """k-bit activation, values {0, 1/n, ..., 1} with n = 2^bits - 1."""

    def __init__(self, bits, alpha, pool=1):
        super().__init__(alpha, pool)
        if not 1 <= bits <= 8:
            raise ValueError(f"bits must be 1 to 8, got {bits}")
        self.bits = int(bits)

    def activate(self, x):
        return QuantFunction.apply(x, self.alpha, self.bits)

    def extra_repr(self):
        return f"bits={self.bits}, alpha={self.alpha}, pool={self.pool}"


class ByteInput(nn.Module):
    """Pixels byte / 255 as the byte itself times float32(1/255), which a device may keep as a byte."""

    def forward(self, x):
        return torch.round(x / INPUT_SCALE).clamp(0, 255) * INPUT_SCALE


class SignFunction(torch.autograd.Function):
    """+1 where w >= 0, else -1; the gradient passes where |w| <= 1."""

    @staticmethod
    def forward(ctx, w):
        ctx.save_for_backward(w)
        return sign(w)

    @staticmethod
    def backward(ctx, dy):
        (w,) = ctx.saved_tensors
        return torch.where(w.abs() <= 1, dy, 0.0)


def sign(w):
    """+1 where w >= 0, else -1."""
    return torch.where(w >= 0, 1.0, -1.0).to(w.dtype)


class RoundFunction(torch.autograd.Function):
    """round(w / scale), ties to even, limited to -127..127; the gradient passes as if it were w / scale."""

    @staticmethod
    def forward(ctx, w, scale):
        ctx.save_for_backward(scale)
        return torch.round(w / scale).clamp(-127, 127)

    @staticmethod
    def backward(ctx, dy):
        (scale,) = ctx.saved_tensors
        return dy / scale, None


class LowBitWeight:
    """Mixin of a layer whose weight is an integer times a scale per output channel.

    weight_bits 1: sign(w) * mean|w|.  weight_bits 8: round(w / scale) * scale, scale = max|w| / 127.
    ``weight`` is the latent float weight that the optimizer moves; after ``freeze`` the integers and scales are fixed.
    """

    def init_weight_bits(self, weight_bits):
        if weight_bits not in (1, 8):
            raise ValueError(f"weight_bits must be 1 or 8, got {weight_bits}")
        self.weight_bits, self.frozen = weight_bits, None

    def integer_weight(self):
        """(integers in the dtype and shape of the weight, scale of shape O x 1 x ...)."""
        if self.frozen is not None:
            return self.frozen
        dims = tuple(range(1, self.weight.ndim))
        magnitude = self.weight.detach().abs()
        if self.weight_bits == 1:
            return SignFunction.apply(self.weight), magnitude.mean(dims, keepdim=True)
        scale = (magnitude.amax(dims, keepdim=True) / 127).clamp_min(torch.finfo(self.weight.dtype).tiny)
        return RoundFunction.apply(self.weight, scale), scale

    def quantized_weight(self):
        """What multiplies the input."""
        integers, scale = self.integer_weight()
        return integers * scale

    def freeze(self):
        """Fixes integers and scales; the latent weight no longer matters."""
        with torch.no_grad():
            integers, scale = self.integer_weight()
        self.frozen = integers.detach().clone(), scale.detach().clone()
        self.weight.requires_grad_(False)
        return self


class LowBitLinear(LowBitWeight, nn.Linear):
    """nn.Linear with weights of 1 or 8 bits."""

    def __init__(self, inputs, outputs, weight_bits, bias=False):
        nn.Linear.__init__(self, inputs, outputs, bias)
        self.init_weight_bits(weight_bits)

    def forward(self, x):
        return functional.linear(x, self.quantized_weight(), self.bias)


class LowBitConv2d(LowBitWeight, nn.Conv2d):
    """nn.Conv2d with weights of 1 or 8 bits; padding is with 0, the value of a closed bit."""

    def __init__(self, inputs, outputs, kernel, weight_bits, stride=1, padding=0, groups=1, bias=False):
        nn.Conv2d.__init__(self, inputs, outputs, kernel, stride, padding, groups=groups, bias=bias)
        self.init_weight_bits(weight_bits)

    def forward(self, x):
        return self._conv_forward(x, self.quantized_weight(), self.bias)


def clamp_latent(model):
    """Keeps the latent weights of 1-bit layers in [-1, 1], where the gradient passes; call it after each step."""
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, LowBitWeight) and module.weight_bits == 1:
                module.weight.clamp_(-1, 1)


def freeze(model):
    """Freezes every low-bit layer of ``model``, puts it into evaluation mode and returns it."""
    for module in model.modules():
        if isinstance(module, LowBitWeight):
            module.freeze()
    return model.eval()


def is_low_bit(model):
    """Whether the network has a low-bit layer."""
    return any(isinstance(module, LowBitWeight) for module in model.modules())


def describe(model):
    """Bits of input, activations and weights, for reports."""
    activations = [module.bits for module in model.modules() if isinstance(module, LowBitActivation)]
    layers = [(name, module) for name, module in model.named_modules() if isinstance(module, LowBitWeight)]
    bits = [module.weight_bits for _, module in layers]
    return {
        "inputBits": 8 if any(isinstance(module, ByteInput) for module in model.modules()) else 32,
        "activationBits": max(activations),
        "weightBits": min(bits),
        "layers": [{"layer": f"{'conv' if isinstance(module, nn.Conv2d) else 'dense'}{index + 1}",
                    "weightBits": module.weight_bits, "weights": module.weight.numel()}
                   for index, (_, module) in enumerate(layers)],
    }
