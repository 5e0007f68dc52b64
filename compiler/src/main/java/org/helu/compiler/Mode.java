package org.helu.compiler;

import java.util.Locale;

/** How activations are lowered. */
public enum Mode {
  /** Every HeLU becomes a one-bit gate with magnitudes; same top-1 on every sample. */
  EXACT,
  /** Every layer that can: 8-bit activations by 8-bit weights, as calibration data show ranges. */
  INT8,
  /** Each layer as cheap as an accuracy budget allows, measured on calibration data. */
  AUTO;

  /** The name on the command line and in files. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
