package org.helu.compiler.onnx;

import org.helu.runtime.op.FloatOp;

/** Dense layers. */
final class MatrixOps {
  private MatrixOps() {}

  static void register(OpTable table) {
    table.add("Gemm", MatrixOps::gemm);
    table.add("MatMul", MatrixOps::matMul);
  }

  private static void gemm(NodeContext node) {
    node.requireInputs(2, 3);
    Attributes attributes = node.attributes();
    FloatOp.Gemm op =
        new FloatOp.Gemm(
            attributes.floatOr("alpha", 1),
            attributes.floatOr("beta", 1),
            attributes.flag("transA", false),
            attributes.flag("transB", false));
    if (node.hasInput(2)) {
      node.result(op, node.input(0), node.input(1), node.input(2));
    } else {
      node.result(op, node.input(0), node.input(1));
    }
  }

  private static void matMul(NodeContext node) {
    node.requireInputs(2, 2);
    node.result(new FloatOp.MatMul(), node.input(0), node.input(1));
  }
}
