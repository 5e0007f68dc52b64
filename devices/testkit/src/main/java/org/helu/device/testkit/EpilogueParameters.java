package org.helu.device.testkit;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Random parameters of epilogues that obey what {@code BinarizedGraph} checks. */
final class EpilogueParameters {
  private EpilogueParameters() {}

  /**
   * Parameters for sums of about {@code -bound..bound}, or null where the epilogue has none.
   *
   * @param channels rows of the parameters: the output's last dimension, or 1
   */
  static Tensor of(
      Epilogue epilogue, int channels, long bound, boolean residual, SplittableRandom random) {
    return switch (epilogue) {
      case Epilogue.Threshold threshold -> thresholds(threshold.steps(), channels, bound, random);
      case Epilogue.Requantize requantize ->
          multipliers(requantize, channels, bound, residual, random);
      case Epilogue.Affine _ -> {
        float[] values = new float[channels * 2];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) random.nextDouble(-1, 1);
        }
        yield Tensor.ofFloats(Shape.of(channels, 2), values);
      }
      case Epilogue.Gate _, Epilogue.Quantize _ -> null;
    };
  }

  /** Both signs, ties, thresholds that are always or never reached. */
  private static Tensor thresholds(int steps, int channels, long bound, SplittableRandom random) {
    int[] values = new int[channels * (1 + steps)];
    for (int c = 0; c < channels; c++) {
      int at = c * (1 + steps);
      values[at] = random.nextInt(3) == 0 ? -1 : 1;
      for (int t = 1; t <= steps; t++) {
        values[at + t] =
            switch (random.nextInt(16)) {
              case 0 -> Integer.MAX_VALUE;
              case 1 -> Integer.MIN_VALUE + random.nextInt(2);
              case 2 -> 0;
              default -> (int) random.nextLong(-bound, bound + 1);
            };
      }
      Arrays.sort(values, at + 1, at + 1 + steps);
    }
    return Tensor.ofInts(Shape.of(channels, 1 + steps), values);
  }

  /** Float thresholds on values of about -1..1, infinite ones and both zeros among them. */
  static Tensor floatThresholds(int steps, int channels, SplittableRandom random) {
    float[] values = new float[channels * (1 + steps)];
    for (int c = 0; c < channels; c++) {
      int at = c * (1 + steps);
      values[at] = random.nextInt(3) == 0 ? -1 : 1;
      for (int t = 1; t <= steps; t++) {
        values[at + t] =
            switch (random.nextInt(12)) {
              case 0 -> Float.POSITIVE_INFINITY;
              case 1 -> Float.NEGATIVE_INFINITY;
              case 2 -> 0f;
              case 3 -> -0f;
              default -> (float) random.nextDouble(-1, 1);
            };
      }
      Arrays.sort(values, at + 1, at + 1 + steps);
    }
    return Tensor.ofFloats(Shape.of(channels, 1 + steps), values);
  }

  /** Multipliers that spread the sums over the codes, of both signs, and some of the largest. */
  private static Tensor multipliers(
      Epilogue.Requantize op, int channels, long bound, boolean residual, SplittableRandom random) {
    int columns = residual ? 3 : 2;
    Tensor values = Tensor.zeros(new TensorType(ElementType.INT64, Shape.of(channels, columns)));
    double scale = Math.scalb(1.0, op.shift());
    for (int c = 0; c < channels; c++) {
      boolean extreme = random.nextInt(8) == 0;
      long limit = (1L << 31) - 1;
      long m = (long) (random.nextDouble(-1, 1.5) * scale * op.high() / Math.max(1, bound));
      long b = (long) (random.nextDouble(0, 1) * scale * op.high());
      long sign = random.nextBoolean() ? 1 : -1;
      values.setLong((long) c * columns, extreme ? sign * limit : Math.clamp(m, -limit, limit));
      values.setLong(
          (long) c * columns + 1,
          extreme ? sign * ((1L << 62) - 1) : Math.clamp(b, -(1L << 62) + 1, (1L << 62) - 1));
      if (residual) {
        long r = (long) (random.nextDouble(-0.5, 1) * scale);
        values.setLong((long) c * columns + 2, Math.clamp(r, -limit, limit));
      }
    }
    return values;
  }
}
