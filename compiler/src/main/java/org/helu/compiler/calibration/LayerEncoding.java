package org.helu.compiler.calibration;

/**
 * What a dense layer or convolution multiplies: activations of {@code activationBits} by weights of
 * {@code weightBits}. From the most exact to the cheapest.
 */
public enum LayerEncoding {
  /** float32 by float32. */
  EXACT("f32", 32, 32),
  /** Codes of 8 bits by INT8 weights. */
  INT8("u8s8", 8, 8),
  /** Codes of 4 bits, as planes, by one-bit weights. */
  PLANES4("u4w1", 4, 1),
  /** Codes of 3 bits, as planes, by one-bit weights. */
  PLANES3("u3w1", 3, 1),
  /** Codes of 2 bits, as planes, by one-bit weights. */
  PLANES2("u2w1", 2, 1),
  /** One-bit activations by one-bit weights. */
  BIT("u1w1", 1, 1);

  private final String label;
  private final int activationBits;
  private final int weightBits;

  LayerEncoding(String label, int activationBits, int weightBits) {
    this.label = label;
    this.activationBits = activationBits;
    this.weightBits = weightBits;
  }

  /** The name in reports and files. */
  public String label() {
    return label;
  }

  /** The encoding of this name, or null. */
  public static LayerEncoding ofLabel(String label) {
    for (LayerEncoding encoding : values()) {
      if (encoding.label.equals(label)) {
        return encoding;
      }
    }
    return null;
  }

  /** Bits of an activation. */
  public int activationBits() {
    return activationBits;
  }

  /** Bits of a weight. */
  public int weightBits() {
    return weightBits;
  }

  /** The largest code of an activation. */
  public int high() {
    return (1 << activationBits) - 1;
  }

  /** Whether the layer stays a float layer. */
  public boolean isExact() {
    return this == EXACT;
  }
}
