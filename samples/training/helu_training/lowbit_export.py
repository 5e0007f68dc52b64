"""ONNX export of low-bit HeLU networks: quantizers as standard ONNX nodes, weights as int8, batch norm left as it is.

- ByteInput:      QuantizeLinear(scale float32(1/255), zero point uint8 0) -> DequantizeLinear
- weights:        int8 initializer -> DequantizeLinear(scale [O], axis 0) -> Conv or Gemm(transB = 1)
- HeluStep:       Greater(x, 0) -> Cast(FLOAT) (-> Mul(scale) where scale is not 1)
- HeluQuant:      Clip(0, 1) -> QuantizeLinear(scale 1/(2^bits - 1), zero point uint8 0) -> DequantizeLinear
- their pool:     MaxPool behind them, on bits or levels

``helu.alpha`` is metadata of the Greater and of the activation's QuantizeLinear, and of the model where all are equal.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from . import lowbit
from .onnx_export import ALPHA, OPSET

IR_VERSION = 10  # that of opset 20 and 21


def to_onnx(model, input_shape, name, input_range=(0, 1)):
    """The nn.Sequential ``model`` as an ``onnx.ModelProto``: input ``input`` [batch, *input_shape], output ``logits``.

    The model must be frozen. The bytes depend on integers, scales and batch norm only.
    """
    graph = _Graph()
    value = "input"
    layers = list(_flat(model))
    for index, (path, module) in enumerate(layers):
        value = _write(graph, path, module, value, "logits" if index == len(layers) - 1 else None)
    example = lowbit_output_size(model, input_shape)
    proto = helper.make_model(
        helper.make_graph(
            graph.nodes, name,
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", *input_shape])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", example])],
            list(graph.initializers.values())),
        opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="helu_training")
    metadata = {"helu.input_range": ",".join(map(str, input_range))}
    if len(graph.alphas) == 1:
        metadata[ALPHA] = str(graph.alphas.pop())
    helper.set_model_props(proto, metadata)
    onnx.checker.check_model(proto, full_check=True)
    return proto


def lowbit_output_size(model, input_shape):
    """Number of outputs, from the last layer that has weights."""
    sizes = [module.weight.shape[0] for _, module in _flat(model) if getattr(module, "weight", None) is not None]
    if not sizes:
        raise ValueError(f"no layer with weights for input {tuple(input_shape)}")
    return sizes[-1]


class _Graph:
    """Nodes and initializers in the order in which they are written."""

    def __init__(self):
        self.nodes, self.initializers, self.alphas = [], {}, set()

    def node(self, op, inputs, output, alpha=None, **attributes):
        node = helper.make_node(op, inputs, [output], name=output, **attributes)
        if alpha is not None:
            node.metadata_props.add(key=ALPHA, value=str(alpha))
            self.alphas.add(alpha)
        self.nodes.append(node)
        return output

    def constant(self, name, array):
        if name not in self.initializers:
            self.initializers[name] = numpy_helper.from_array(np.asarray(array, order="C"), name)
        return name

    def tensor(self, name, tensor):
        return self.constant(name, tensor.detach().cpu().numpy())

    def quantize(self, x, prefix, output, scale, alpha=None):
        """QuantizeLinear to uint8 with zero point 0, then DequantizeLinear."""
        parameters = [self.constant(f"{prefix}.scale", np.float32(scale)), self.constant("zero_point", np.uint8(0))]
        codes = self.node("QuantizeLinear", [x, *parameters], f"{prefix}.codes", alpha)
        return self.node("DequantizeLinear", [codes, *parameters], output)


def _flat(module, path=""):
    """The leaf modules of nested nn.Sequential, in order, with their paths."""
    if not isinstance(module, nn.Sequential):
        yield path or "layer", module
        return
    for name, child in module.named_children():
        yield from _flat(child, f"{path}.{name}" if path else name)


def _write(graph, path, module, x, output):
    """Writes ``module`` and returns the name of its result, ``output`` or one made from ``path``."""
    name = f"{path}.{type(module).__name__}"
    result = output or name
    if isinstance(module, lowbit.ByteInput):
        return graph.quantize(x, name, result, lowbit.INPUT_SCALE.item())
    if isinstance(module, lowbit.LowBitActivation):
        return _write_activation(graph, name, module, x, result)
    if isinstance(module, lowbit.LowBitConv2d):
        return graph.node("Conv", _weights(graph, name, module, x), result,
                          kernel_shape=list(module.kernel_size), strides=list(module.stride),
                          pads=list(module.padding) * 2, group=module.groups)
    if isinstance(module, lowbit.LowBitLinear):
        return graph.node("Gemm", _weights(graph, name, module, x), result, transB=1)
    if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
        parameters = [graph.tensor(f"{name}.{key}", getattr(module, key))
                      for key in ("weight", "bias", "running_mean", "running_var")]
        return graph.node("BatchNormalization", [x, *parameters], result, epsilon=module.eps)
    if isinstance(module, nn.MaxPool2d):
        return graph.node("MaxPool", [x], result, kernel_shape=[module.kernel_size] * 2, strides=[module.stride] * 2)
    if isinstance(module, nn.Flatten):
        return graph.node("Flatten", [x], result, axis=1)
    raise ValueError(f"{path}: cannot export {type(module).__name__}; low-bit networks are nn.Sequential of ByteInput, "
                     "LowBitConv2d, LowBitLinear, BatchNorm, HeluStep, HeluQuant, MaxPool2d and Flatten")


def _write_activation(graph, name, module, x, result):
    pooled = result if module.pool == 1 else f"{name}.values"
    if isinstance(module, lowbit.HeluQuant):
        bounds = [graph.constant("zero", np.float32(0)), graph.constant("one", np.float32(1))]
        clipped = graph.node("Clip", [x, *bounds], f"{name}.clip")
        value = graph.quantize(clipped, name, pooled, 1 / (2 ** module.bits - 1), module.alpha)
    else:
        bit = graph.node("Greater", [x, graph.constant("zero", np.float32(0))], f"{name}.bit", module.alpha)
        cast = pooled if module.scale == 1 else f"{name}.float"
        value = graph.node("Cast", [bit], cast, to=TensorProto.FLOAT)
        if module.scale != 1:
            value = graph.node("Mul", [cast, graph.constant(f"{name}.scale", np.float32(module.scale))], pooled)
    if module.pool == 1:
        return value
    return graph.node("MaxPool", [value], result, kernel_shape=[module.pool] * 2, strides=[module.pool] * 2)


def _weights(graph, name, module, x):
    """Inputs of a Conv or Gemm: x, the dequantized weight, the bias if there is one."""
    if module.frozen is None:
        raise ValueError(f"{name}: freeze the network before the export")
    integers, scale = module.frozen
    codes = graph.constant(f"{name}.weight_codes", integers.cpu().numpy().astype(np.int8))
    scales = graph.tensor(f"{name}.weight_scale", scale.flatten())
    zeros = graph.constant(f"{name}.weight_zero_point", np.zeros(scale.numel(), np.int8))
    weight = graph.node("DequantizeLinear", [codes, scales, zeros], f"{name}.weight", axis=0)
    return [x, weight] if module.bias is None else [x, weight, graph.tensor(f"{name}.bias", module.bias)]
