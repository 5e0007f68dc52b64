package org.helu.runtime.graph;

import java.util.Objects;
import org.helu.runtime.tensor.TensorType;

/**
 * An input of a graph: its value name, type, and the range its elements are declared to stay in.
 */
public record GraphInput(String name, TensorType type, Range range) {
  public GraphInput {
    Objects.requireNonNull(name);
    Objects.requireNonNull(type);
    Objects.requireNonNull(range);
  }

  /** An input of which no range is known. */
  public GraphInput(String name, TensorType type) {
    this(name, type, Range.ALL);
  }
}
