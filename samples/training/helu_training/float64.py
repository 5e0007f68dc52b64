"""Float64 evaluation of an exported low-bit network: the reference that integer devices must meet exactly.

Between two floating-point programs a value next to a threshold may fall on either side. So the reference is the formula
of the exported file in float64: integer sums are formed exactly, then scaled, normalised and compared in double.
"""

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch.nn import functional


class Codes:
    """A dequantized value: float64 integers and the scale they are to be multiplied by."""

    def __init__(self, integers, scale):
        self.integers, self.scale = integers, scale

    def value(self):
        return self.integers * self.scale


class Evaluator:
    """Runs a graph of the operators that ``lowbit_export`` writes; other operators are refused."""

    def __init__(self, proto):
        self.graph = proto.graph
        self.constants = {entry.name: numpy_helper.to_array(entry) for entry in self.graph.initializer}
        self.margin = np.inf  # smallest |x| that a Greater(x, 0) has seen

    def run(self, pixels):
        """Float64 logits of float32 ``pixels`` (N x C x H x W)."""
        values = {name: torch.from_numpy(array.copy()) for name, array in self.constants.items()}
        values[self.graph.input[0].name] = torch.from_numpy(pixels).double()
        last = {name: index for index, node in enumerate(self.graph.node) for name in node.input}
        for index, node in enumerate(self.graph.node):
            inputs = [values[name] for name in node.input]
            attributes = {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}
            handler = getattr(self, f"_{node.op_type.lower()}", None)
            if handler is None:
                raise ValueError(f"no float64 rule for {node.op_type} ({node.name})")
            values[node.output[0]] = handler(*inputs, **attributes)
            for name in node.input:
                if last[name] == index and name not in self.constants:
                    del values[name]  # activations of many images are large
        return _plain(values[self.graph.output[0].name]).numpy()

    def _quantizelinear(self, x, scale, zero):
        # As ONNX: round half to even, then saturate. Float32 pixels are one rounding away from byte / 255.
        low, high = (0, 255) if zero.dtype == torch.uint8 else (-128, 127)
        return (torch.round(_plain(x) / scale.double()) + zero.double()).clamp(low, high)

    def _dequantizelinear(self, codes, scale, zero, axis=1):
        scale, zero = scale.double(), zero.double()
        if scale.ndim == 1:
            shape = [-1 if d == axis else 1 for d in range(codes.ndim)]
            scale, zero = scale.reshape(shape), zero.reshape(shape)
        return Codes(codes.double() - zero, scale)

    def _conv(self, x, weight, bias=None, kernel_shape=None, strides=(1, 1), pads=(0, 0, 0, 0), group=1):
        if pads[:2] != pads[2:]:
            raise ValueError(f"padding must be symmetric, found {pads}")
        x, w = _codes(x), _codes(weight)
        total = _exact(lambda a, b: functional.conv2d(a, b, None, tuple(strides), tuple(pads[:2]), 1, group), x, w)
        return _affine(total, x.scale, w.scale, bias)

    def _gemm(self, x, weight, bias=None, transB=0):
        if not transB:
            raise ValueError("Gemm must have transB = 1")
        x, w = _codes(x), _codes(weight)
        return _affine(_exact(functional.linear, x, w), x.scale, w.scale, bias)

    def _batchnormalization(self, x, weight, bias, mean, var, epsilon):
        weight, bias, mean, var = (_channels(v.double(), x) for v in (weight, bias, mean, var))
        return (_plain(x) - mean) / torch.sqrt(var + np.float64(np.float32(epsilon))) * weight + bias

    def _greater(self, x, bound):
        difference = _plain(x) - bound.double()
        self.margin = min(self.margin, float(difference.abs().min()))
        return difference > 0

    def _cast(self, x, to):
        if to != onnx.TensorProto.FLOAT:
            raise ValueError(f"Cast to {to} instead of FLOAT")
        return Codes(x.double(), torch.ones((), dtype=torch.float64))

    def _mul(self, x, factor):
        x = _codes(x)
        return Codes(x.integers, x.scale * factor.double())

    def _clip(self, x, low, high):
        return _plain(x).clamp(float(low), float(high))

    def _maxpool(self, x, kernel_shape, strides):
        if isinstance(x, Codes):
            return Codes(functional.max_pool2d(x.integers, tuple(kernel_shape), tuple(strides)), x.scale)
        return functional.max_pool2d(x, tuple(kernel_shape), tuple(strides))

    def _flatten(self, x, axis=1):
        return Codes(x.integers.flatten(axis), x.scale) if isinstance(x, Codes) else x.flatten(axis)


def _exact(product, x, w):
    """The float64 sums of products of ``x`` and ``w``, computed in float32 where it holds every partial sum exactly."""
    bound = x.integers.abs().max() * w.integers.abs().flatten(1).sum(1).max()
    if bound >= 2 ** 24 or not torch.equal(x.integers, x.integers.round()):  # an input that is no code
        return product(x.integers, w.integers)
    total = product(x.integers.float(), w.integers.float()).double()
    if not torch.equal(total, total.round()):
        raise ArithmeticError("an integer sum is not an integer")
    return total


def _plain(x):
    return x.value() if isinstance(x, Codes) else x


def _codes(x):
    return x if isinstance(x, Codes) else Codes(x.double(), torch.ones((), dtype=torch.float64))


def _channels(v, x):
    return v.reshape([1, -1] + [1] * (_plain(x).ndim - 2))


def _affine(total, x_scale, w_scale, bias):
    """total * x_scale * w_scale + bias, the last two per channel (dimension 1)."""
    total = total * x_scale * (_channels(w_scale.flatten(), total) if w_scale.ndim else w_scale)
    return total if bias is None else total + _channels(bias.double(), total)


def logits(proto, pixels, batch=50):
    """Float64 logits of ``pixels`` and the smallest distance of a value from its threshold 0."""
    evaluator = Evaluator(proto)
    result = np.concatenate([evaluator.run(pixels[i:i + batch]) for i in range(0, len(pixels), batch)])
    return result, evaluator.margin
