package org.helu.compiler.onnx;

import java.util.List;

/**
 * A node after function calls were inlined: value names are unique in the whole model and attribute
 * references are resolved.
 *
 * @param name unique; ONNX's name or {@code <OpType>_<index>}
 * @param domain empty for ONNX's own ops
 * @param opset version of the domain's operator set that the node is read by
 * @param inputs value names, empty where an optional input is left out
 * @param outputs value names, empty where an optional output is left out
 * @param attributes by name
 * @param alphaText the node's {@code helu.alpha} metadata, or null
 */
record OnnxNode(
    String name,
    String domain,
    String opType,
    int opset,
    List<String> inputs,
    List<String> outputs,
    Attributes attributes,
    String alphaText) {

  /** {@code node 'conv1' (Conv)}, the way messages name a node. */
  String label() {
    return "node '" + name + "' (" + qualifiedOp() + ")";
  }

  /** {@code Conv} or {@code domain::Op}. */
  String qualifiedOp() {
    return domain.isEmpty() ? opType : domain + "::" + opType;
  }
}
