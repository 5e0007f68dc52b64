package org.helu.compiler;

import java.util.Objects;
import org.helu.compiler.calibration.QuantizationPlan;
import org.helu.runtime.graph.Range;

/**
 * What a user can set when compiling.
 *
 * @param mode how activations are lowered
 * @param inputRange range that all inputs are declared to stay in, or null for what the model says
 * @param verifyPasses compare the interpreter's answers before and after every pass
 * @param encodings how each layer of a float network is encoded; null in exact mode
 */
public record CompilerOptions(
    Mode mode, Range inputRange, boolean verifyPasses, QuantizationPlan encodings) {
  /** Exact mode, the model's own input range. */
  public static final CompilerOptions DEFAULT = new CompilerOptions(Mode.EXACT, null, false);

  public CompilerOptions {
    Objects.requireNonNull(mode);
  }

  /** Without encodings. */
  public CompilerOptions(Mode mode, Range inputRange, boolean verifyPasses) {
    this(mode, inputRange, verifyPasses, null);
  }

  /** These options with encodings. */
  public CompilerOptions with(QuantizationPlan plan) {
    return new CompilerOptions(mode, inputRange, verifyPasses, plan);
  }
}
