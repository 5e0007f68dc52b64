package org.helu.compiler.calibration;

import java.util.List;
import java.util.Objects;
import org.helu.compiler.pass.Pass;
import org.helu.runtime.graph.Certificate;

/**
 * How each layer of a float network is to be encoded: the result of calibration and search, from
 * which the network is compiled again without any data.
 *
 * @param sourceSha256 the model that it is for
 * @param mode {@code int8} or {@code auto}
 * @param equalizations applied to the float network first, in order
 * @param layers every dense layer and convolution that can be encoded, in execution order
 * @param values what else becomes codes where the layers around it are encoded, see {@link
 *     BranchValues}
 * @param certificate what was measured, or null
 */
public record QuantizationPlan(
    String sourceSha256,
    String mode,
    List<Equalization> equalizations,
    List<Layer> layers,
    List<Value> values,
    Certificate certificate) {

  public QuantizationPlan {
    Objects.requireNonNull(sourceSha256);
    Objects.requireNonNull(mode);
    equalizations = List.copyOf(equalizations);
    layers = List.copyOf(layers);
    values = List.copyOf(values);
  }

  /**
   * One layer.
   *
   * @param node its name
   * @param input how its input becomes codes; null for a float layer
   * @param bias added to each output channel, for what quantization shifts; empty for nothing
   */
  public record Layer(String node, LayerEncoding encoding, Quantizer input, float[] bias) {
    public Layer {
      Objects.requireNonNull(node);
      Objects.requireNonNull(encoding);
      Objects.requireNonNull(bias);
      if (encoding.isExact() != (input == null)) {
        throw new IllegalArgumentException("a quantizer stands with an encoding that takes one");
      }
    }

    /** A float layer. */
    static Layer exact(String node) {
      return new Layer(node, LayerEncoding.EXACT, null, new float[0]);
    }
  }

  /** A value that stands between layers, and how it becomes codes of 8 bits. */
  public record Value(String name, Quantizer quantizer) {}

  /**
   * Moves the scale of channels from one layer to the next: channel {@code c} that {@code first}
   * writes is divided by {@code factors[c]}, and multiplied again in the weights of {@code second}.
   */
  public record Equalization(String first, String second, float[] factors) {}

  /** The passes that give the layers of a float graph their encodings. */
  public List<Pass> passes() {
    return List.of(new EqualizeLayers(equalizations), new QuantizeLayers(this, false));
  }

  /** Whether a pass rounds: answers before and after it differ by more than float tolerance. */
  public static boolean changesAnswers(Pass pass) {
    return pass instanceof QuantizeLayers;
  }

  /** This plan with a certificate. */
  public QuantizationPlan with(Certificate measured) {
    return new QuantizationPlan(sourceSha256, mode, equalizations, layers, values, measured);
  }
}
