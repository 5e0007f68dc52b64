package org.helu.compiler.lowbit;

/** Why a node of a quantized network is left to float arithmetic; ends up in the compile report. */
final class StaysFloat extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StaysFloat(String reason) {
    super(reason, null, false, false);
  }
}
