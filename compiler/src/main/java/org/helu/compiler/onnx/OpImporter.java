package org.helu.compiler.onnx;

/** Translates one ONNX op: reads a node's inputs and attributes, emits graph nodes. */
@FunctionalInterface
interface OpImporter {
  /**
   * Imports one node; sets every output that {@link NodeContext#outputUsed} tells is read.
   *
   * @throws NodeProblem if the node is malformed or not supported
   */
  void importNode(NodeContext node);
}
