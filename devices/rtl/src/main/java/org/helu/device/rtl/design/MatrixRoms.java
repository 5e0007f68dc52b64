package org.helu.device.rtl.design;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Weights in the order in which helu_mac reads them. */
final class MatrixRoms {
  private MatrixRoms() {}

  /** Row {@code n * sf + s}: for every PE, for every lane, one weight. */
  static Rom weights(String name, MatrixNumbers numbers, Folding.Fold fold, int sf, int nf) {
    int width = fold.pe() * fold.simd() * numbers.weightBits;
    List<BigInteger> rows = new ArrayList<>(sf * nf);
    for (int n = 0; n < nf; n++) {
      for (int s = 0; s < sf; s++) {
        Rom.Row row = new Rom.Row(width);
        for (int p = 0; p < fold.pe(); p++) {
          int[] weights = numbers.weights[n * fold.pe() + p];
          for (int i = 0; i < fold.simd(); i++) {
            int weight = weights[s * fold.simd() + i];
            row.add(numbers.oneBit ? (weight + 1) / 2 : weight, numbers.weightBits);
          }
        }
        rows.add(row.toInteger());
      }
    }
    return new Rom(name, width, rows);
  }
}
