package org.helu.runtime.tensor;

import org.helu.runtime.HeluException;

/** How the values of an activation edge are stored. Weights are always plain tensors. */
public sealed interface Encoding {
  /** Plain elements, row-major. */
  Encoding PLAIN = new Plain();

  /** HeLU's exact form, see {@link Gated}. */
  Encoding GATED = new Gated();

  /** {@code bits} bit planes, see {@link Planes}; one plane is plain. */
  static Encoding planes(int bits) {
    return bits == 1 ? PLAIN : new Planes(bits);
  }

  /** Plain elements, row-major. */
  record Plain() implements Encoding {
    @Override
    public boolean equals(Object other) {
      return other instanceof Plain;
    }

    @Override
    public int hashCode() {
      return 1;
    }

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
    public boolean equals(Object other) {
      return other instanceof Gated;
    }

    @Override
    public int hashCode() {
      return 2;
    }

    @Override
    public String toString() {
      return "gated";
    }
  }

  /**
   * Codes of {@code bits} bits as bit planes of a {@code BIT} tensor: code {@code = sum over p of
   * 2^p * plane[p]}. A row (all dimensions but the last) holds its planes one behind the other,
   * plane 0 first, each of {@code ceil(C/64)} words. Codes of one bit are a plain {@code BIT}
   * tensor.
   *
   * @param bits number of planes, 2 to 8
   */
  record Planes(int bits) implements Encoding {
    public Planes {
      if (bits < 2 || bits > 8) {
        throw HeluException.invalid("type", "expected 2 to 8 bit planes, found " + bits, "");
      }
    }

    @Override
    public String toString() {
      return "planes" + bits;
    }
  }
}
