package org.helu.bench;

import java.nio.file.Path;
import java.util.Map;
import org.helu.runtime.tensor.Tensor;

/**
 * Another runtime, which runs an ONNX model beside helu's devices. Found by {@link
 * java.util.ServiceLoader}, so that its jar is there only where somebody measures.
 */
public interface Competitor {
  /** The name users select it by, such as {@code onnxruntime}. */
  String name();

  /** Product and version in one line, for reports. */
  String description();

  /**
   * Opens a model with everything that makes it fast: all graph optimizations, memory of inputs and
   * outputs bound once.
   *
   * @param model an ONNX file
   * @param threads threads that a run may use
   * @param inputs by the model's input names, in the model's order; their memory is read by every
   *     run
   * @throws org.helu.runtime.HeluException if the runtime does not run the model so
   */
  Contender open(Path model, int threads, Map<String, Tensor> inputs);
}
