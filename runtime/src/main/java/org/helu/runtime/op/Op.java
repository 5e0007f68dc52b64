package org.helu.runtime.op;

import java.util.List;
import org.helu.runtime.tensor.TensorType;

/**
 * An operation of a graph: immutable attributes, and the rule that gives the output's type.
 *
 * <p>The set is closed, so that {@code javac} lists the places that a new op must touch.
 */
public sealed interface Op permits FloatOp, DeviceOp {
  /** The name used in files, reports and messages: the record's name. */
  default String name() {
    return getClass().getSimpleName();
  }

  /**
   * The output's type from the inputs' types: every op has one output.
   *
   * @throws OpException if the inputs do not fit; the graph adds the node's name
   */
  TensorType infer(List<TensorType> inputs);

  /**
   * This op with a symbolic batch in its attributes, if there is one, replaced by {@code batch}.
   */
  default Op withBatch(int batch) {
    return this;
  }
}
