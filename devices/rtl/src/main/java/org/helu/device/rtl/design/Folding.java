package org.helu.device.rtl.design;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.HeluException;

/**
 * How much of each layer is computed at once.
 *
 * @param folds one a layer
 */
public record Folding(List<Fold> folds) {
  private static final String STAGE = "rtl/fold";

  public Folding {
    folds = List.copyOf(folds);
  }

  /**
   * Of one layer.
   *
   * @param pe outputs at a time; divides the output channels
   * @param simd inputs at a time; divides the vector of a dense layer, the channels of a
   *     convolution or pool
   */
  public record Fold(int pe, int simd) {}

  /** The smallest design: one product at a time. */
  public static Folding smallest(Network network) {
    return new Folding(network.layers().stream().map(_ -> new Fold(1, 1)).toList());
  }

  /** The largest design: whole layers at a time (of a convolution, all channels). */
  public static Folding largest(Network network) {
    return new Folding(
        network.layers().stream()
            .map(layer -> new Fold(layer.out().channels(), layer.in().channels()))
            .toList());
  }

  /**
   * Checks the folding against the layers.
   *
   * @throws HeluException naming the layer whose numbers do not divide
   */
  public void check(Network network) {
    if (folds.size() != network.layers().size()) {
      throw HeluException.invalid(
          STAGE,
          "expected PE and SIMD of " + network.layers().size() + " layers, found " + folds.size(),
          "give one PExSIMD a layer, in the order of the network");
    }
    for (int i = 0; i < folds.size(); i++) {
      Layer layer = network.layers().get(i);
      require(layer, "PE", folds.get(i).pe(), layer.out().channels(), "output channels");
      if (!(layer instanceof Layer.Scale)) {
        require(layer, "SIMD", folds.get(i).simd(), layer.in().channels(), "inputs");
      }
    }
  }

  private static void require(Layer layer, String what, int found, int size, String of) {
    if (found < 1 || size % found != 0) {
      throw HeluException.invalid(
          STAGE,
          layer.node().label() + ": " + what + " " + found + " does not divide " + size + " " + of,
          "choose one of " + divisors(size));
    }
  }

  /** All divisors, ascending. */
  static List<Integer> divisors(int size) {
    List<Integer> divisors = new ArrayList<>();
    for (int i = 1; i <= size; i++) {
      if (size % i == 0) {
        divisors.add(i);
      }
    }
    return divisors;
  }

  /** {@code 16x8,4x16}: PE and SIMD of every layer. */
  @Override
  public String toString() {
    return String.join(",", folds.stream().map(f -> f.pe() + "x" + f.simd()).toList());
  }

  /**
   * Reads what {@link #toString} writes.
   *
   * @throws HeluException if the text is malformed
   */
  public static Folding parse(String text) {
    List<Fold> folds = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      String[] numbers = part.strip().split("x", -1);
      try {
        if (numbers.length == 2) {
          folds.add(new Fold(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1])));
          continue;
        }
      } catch (NumberFormatException _) {
        // Reported below.
      }
      throw HeluException.invalid(
          STAGE, "expected PExSIMD of every layer, found '" + text + "'", "such as 16x8,4x16");
    }
    return new Folding(folds);
  }
}
