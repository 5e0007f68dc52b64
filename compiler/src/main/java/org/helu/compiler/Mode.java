package org.helu.compiler;

import java.util.Locale;

/** How activations are lowered. */
public enum Mode {
  /** Every HeLU becomes a one-bit gate with magnitudes; same top-1 on every sample. */
  EXACT;

  /** The name on the command line and in files. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
