package org.helu.compiler.onnx;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * HeLU's hysteresis offset, which inference does not use but reports tell. It stands, by falling
 * precedence, in a node (attribute {@code alpha} of {@code helu::HeLU}, metadata {@code helu.alpha}
 * of {@code Relu}) or in the model's metadata {@code helu.alpha}.
 */
final class HeluAlpha {
  /** Metadata key. */
  static final String KEY = "helu.alpha";

  private final float modelAlpha;
  private final Set<Float> seen = new LinkedHashSet<>();

  /**
   * @param modelText the model's metadata entry, or null
   */
  HeluAlpha(String modelText) {
    this.modelAlpha = modelText == null ? Float.NaN : parse(modelText);
  }

  /** The offset of one gate; {@code own} is NaN where the node tells none. */
  float resolve(float own) {
    float alpha = Float.isNaN(own) ? modelAlpha : own;
    seen.add(alpha);
    return Float.isNaN(alpha) ? 0 : alpha;
  }

  /** The offset that all gates share, NaN where it is unknown or mixed. */
  float shared() {
    if (seen.isEmpty()) {
      return modelAlpha;
    }
    return seen.size() == 1 ? seen.iterator().next() : Float.NaN;
  }

  /**
   * An offset from text.
   *
   * @throws NodeProblem if it is not a number of at least 0
   */
  static float parse(String text) {
    try {
      return require(Float.parseFloat(text.strip()));
    } catch (NumberFormatException _) {
      throw NodeProblem.invalid(KEY + " '" + text + "' is not a number");
    }
  }

  /** Checks that an offset is a number of at least 0. */
  static float require(float alpha) {
    if (!(alpha >= 0) || Float.isInfinite(alpha)) {
      throw NodeProblem.invalid("HeLU's alpha is " + alpha + ", expected a number of at least 0");
    }
    return alpha == 0 ? 0 : alpha;
  }
}
