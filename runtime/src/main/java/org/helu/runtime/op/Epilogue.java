package org.helu.runtime.op;

/**
 * What happens to an accumulator before it is stored. Data, not subclasses of the op: a device's
 * kernel takes the list and applies it, so a new epilogue does not multiply the ops.
 */
public sealed interface Epilogue {
  /** HeLU at inference, see {@link Gate}. */
  Epilogue GATE = new Gate();

  /**
   * {@code y = z * [z > 0]}: a one-bit gate. The bit is 1 iff {@code !(z <= 0)}: {@code z == 0}
   * (and -0) closes the gate and stores +0, as ReLU does; a NaN passes, as in PyTorch's and ONNX's
   * ReLU. The output edge is encoded {@code Gated}.
   */
  record Gate() implements Epilogue {
    @Override
    public String toString() {
      return "gate";
    }
  }
}
