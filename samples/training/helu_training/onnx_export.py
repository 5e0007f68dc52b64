"""ONNX export of networks with HeLU: what the graph looks like and how alpha travels with it.

ONNX has no HeLU. Forward it is Relu, so that is what the graph holds; alpha is kept in one of two ways:
- every Relu that was a HeLU carries the node metadata ``helu.alpha`` (any runtime simply sees a Relu), or
- it is a call of the model-local function ``helu::HeLU`` (attribute alpha, body Relu), which runtimes inline.
The model metadata has ``helu.alpha`` too, when all are equal, and ``helu.input_range``, "0,1" for byte / 255.
"""

import ast

import onnx
import onnx_ir.passes.common as passes
import onnxscript.optimizer
import onnxscript.rewriter
import torch
from onnxscript.rewriter.rules import common as rules

from .helu import HeLU

OPSET = 20
ALPHA = "helu.alpha"
DOMAIN = "helu"


def to_onnx(model, input_shape, name, input_range=(0, 1), model_local_function=False):
    """The model as an ``onnx.ModelProto``: input ``input`` [batch, *input_shape], output ``logits``.

    Batch norm stays a BatchNormalization node. The bytes depend on the weights only: no paths, times or stack traces.
    """
    model.eval()
    example = torch.zeros(2, *input_shape)
    with torch.no_grad():  # HeLU is then a plain relu to the tracer
        program = torch.onnx.export(
            model, (example,), input_names=["input"], output_names=["logits"], dynamo=True, external_data=False,
            dynamic_shapes=({0: torch.export.Dim("batch")},), opset_version=OPSET, optimize=False, verbose=False)
    _annotate(program.model.graph, model)
    _tidy(program.model)
    proto = program.model_proto
    _strip(proto)
    proto.graph.name = name
    alphas = {alpha for alpha in map(_alpha_of, proto.graph.node) if alpha is not None}
    metadata = {"helu.input_range": ",".join(map(str, input_range))}
    if len(alphas) == 1:
        metadata[ALPHA] = str(alphas.pop())
    if model_local_function:
        _use_function(proto)
    onnx.helper.set_model_props(proto, metadata)
    onnx.checker.check_model(proto, full_check=True)
    return proto


def to_bytes(proto):
    """Serialises deterministically."""
    return proto.SerializeToString(deterministic=True)


def _annotate(graph, model):
    """Writes helu.alpha to every Relu whose exporter scope names a HeLU module."""
    modules = dict(model.named_modules())
    found = set()
    for node in graph:
        if node.op_type == "Relu":
            scopes = ast.literal_eval(node.metadata_props["pkg.torch.onnx.name_scopes"])
            module = modules.get(scopes[-2])
            if isinstance(module, HeLU):
                node.metadata_props[ALPHA] = str(module.alpha)
                found.add(scopes[-2])
    missing = {path for path, module in modules.items() if isinstance(module, HeLU)} - found
    if missing:
        raise ValueError(f"HeLU modules without a Relu in the exported graph: {sorted(missing)}")


def _tidy(model):
    """Folds constants and shape arithmetic.

    The exporter's own optimisation does this too, but also folds batch norm into the layer before. That is the
    business of the runtime, which still knows what it is folding.
    """
    onnxscript.optimizer.fold_constants(model)
    onnxscript.rewriter.rewrite(
        model, [rules.materialize_reshape_shape_rule, rules.remove_optional_bias_from_conv_rule])
    passes.RemoveUnusedNodesPass()(model)
    passes.LiftConstantsToInitializersPass(lift_all_constants=True, size_limit=0)(model)
    passes.DeduplicateInitializersPass()(model)


def _strip(proto):
    """Removes the exporter's notes: stack traces, local paths, class names."""
    graph = proto.graph
    for node in graph.node:
        alpha = [entry.value for entry in node.metadata_props if entry.key == ALPHA]
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
        if alpha:
            node.metadata_props.add(key=ALPHA, value=alpha[0])
    for value in (*graph.input, *graph.output, *graph.value_info, *graph.initializer, graph, proto):
        value.ClearField("metadata_props")
        value.ClearField("doc_string")


def _use_function(proto):
    """Turns every Relu with helu.alpha into a call of the model-local function helu::HeLU."""
    opset = onnx.helper.make_opsetid("", OPSET)
    body = onnx.helper.make_node("Relu", ["x"], ["y"])
    proto.functions.append(onnx.helper.make_function(DOMAIN, "HeLU", ["x"], ["y"], [body], [opset], ["alpha"]))
    proto.opset_import.append(onnx.helper.make_opsetid(DOMAIN, 1))
    for node in proto.graph.node:
        alpha = _alpha_of(node)
        if alpha is not None:
            node.op_type, node.domain = "HeLU", DOMAIN
            node.ClearField("metadata_props")  # the attribute says it now
            node.attribute.append(onnx.helper.make_attribute("alpha", alpha))


def _alpha_of(node):
    return next((float(entry.value) for entry in node.metadata_props if entry.key == ALPHA), None)
