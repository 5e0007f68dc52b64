package org.helu.compiler.onnx;

import org.helu.runtime.HeluException;

/** Why one node cannot be imported; the importer collects these and reports all of them at once. */
final class NodeProblem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final HeluException.Kind kind;

  private NodeProblem(HeluException.Kind kind, String reason) {
    super(reason, null, false, false);
    this.kind = kind;
  }

  /** The model is well-formed but asks for what helu does not do. */
  static NodeProblem unsupported(String reason) {
    return new NodeProblem(HeluException.Kind.UNSUPPORTED, reason);
  }

  /** The model breaks ONNX's rules. */
  static NodeProblem invalid(String reason) {
    return new NodeProblem(HeluException.Kind.INVALID_INPUT, reason);
  }

  HeluException.Kind kind() {
    return kind;
  }
}
