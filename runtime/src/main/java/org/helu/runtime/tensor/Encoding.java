package org.helu.runtime.tensor;

/** How the values of an activation edge are stored. Weights are always plain tensors. */
public sealed interface Encoding {
  /** Plain elements, row-major. */
  Encoding PLAIN = new Plain();

  /** HeLU's exact form, see {@link Gated}. */
  Encoding GATED = new Gated();

  /** Plain elements, row-major. */
  record Plain() implements Encoding {
    @Override
    public String toString() {
      return "plain";
    }
  }

  /**
   * Magnitudes beside a packed bit mask. Magnitudes are dense with zeros where the gate is closed,
   * so a consumer that does not skip reads them as plain float32; the mask holds one bit per
   * element, packed along the last dimension (rows of {@code ceil(C/64)} words).
   */
  record Gated() implements Encoding {
    @Override
    public String toString() {
      return "gated";
    }
  }
}
