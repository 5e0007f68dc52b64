package org.helu.runtime.op;

/** Inputs do not fit an op. The graph that holds the node turns it into a HeluException. */
public final class OpException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param problem expected and found, without the node's name
   */
  public OpException(String problem) {
    super(problem, null, false, false);
  }
}
