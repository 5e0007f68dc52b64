package org.helu.runtime.graph;

import java.util.Objects;

/**
 * Where a compiled graph came from.
 *
 * @param sourceSha256 SHA-256 of the source model in lower-case hex, empty if there was no file
 * @param mode how activations were lowered, such as {@code exact}
 * @param compilerVersion version of the compiler that wrote it
 * @param alpha HeLU's hysteresis offset if the model tells one for all gates, else NaN
 * @param certificate what was measured when a float network was lowered to few bits, else null
 */
public record Provenance(
    String sourceSha256,
    String mode,
    String compilerVersion,
    float alpha,
    Certificate certificate) {
  /** Of a graph built by hand. */
  public static final Provenance NONE = new Provenance("", "exact", "", Float.NaN);

  public Provenance {
    Objects.requireNonNull(sourceSha256);
    Objects.requireNonNull(mode);
    Objects.requireNonNull(compilerVersion);
  }

  /** Without a certificate. */
  public Provenance(String sourceSha256, String mode, String compilerVersion, float alpha) {
    this(sourceSha256, mode, compilerVersion, alpha, null);
  }

  /** This provenance with a certificate. */
  public Provenance with(Certificate measured) {
    return new Provenance(sourceSha256, mode, compilerVersion, alpha, measured);
  }
}
