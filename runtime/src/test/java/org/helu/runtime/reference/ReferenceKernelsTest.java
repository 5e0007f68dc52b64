package org.helu.runtime.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.helu.runtime.HeluException;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Answers worked out by hand; the ONNX conformance suite covers the rest. */
class ReferenceKernelsTest {
  private static Tensor floats(Shape shape, float... values) {
    return Tensor.ofFloats(shape, values);
  }

  @Test
  void gateClosesOnZeroAndPassesNaN() {
    Tensor z = floats(Shape.of(1, 6), 1f, 0f, -0f, -2f, Float.NaN, Float.MIN_VALUE);
    Tensor y = ReferenceKernels.evaluate(new DeviceOp.Gate(), List.of(z));
    assertArrayEquals(new float[] {1, 0, 0, 0, Float.NaN, Float.MIN_VALUE}, y.toFloats());
    boolean[] open = {true, false, false, false, true, true};
    for (int i = 0; i < open.length; i++) {
      assertEquals(open[i], y.getBit(i), "bit " + i);
    }
    // -0 must be stored as +0.
    assertEquals(0, Float.floatToRawIntBits(y.getFloat(2)));
  }

  @Test
  void maskTailIsZero() {
    float[] ones = new float[3 * 65];
    java.util.Arrays.fill(ones, 1);
    Tensor y =
        ReferenceKernels.evaluate(new DeviceOp.Gate(), List.of(floats(Shape.of(3, 65), ones)));
    long mask = y.type().maskOffset();
    for (int row = 0; row < 3; row++) {
      assertEquals(-1L, y.data().get(Tensor.LONG, mask + row * 16L));
      assertEquals(1L, y.data().get(Tensor.LONG, mask + row * 16L + 8));
    }
  }

  @Test
  void heluIsReluAtInference() {
    Tensor x = floats(Shape.of(4), -0.01f, 0f, 3f, Float.NEGATIVE_INFINITY);
    assertArrayEquals(
        new float[] {0, 0, 3, 0},
        ReferenceKernels.evaluate(new FloatOp.Helu(0.05f), List.of(x)).toFloats());
  }

  @Test
  void convolutionAgreesInBothLayouts() {
    // 1x2x2x2 NCHW image, one 2x2 filter per channel, padded on the left.
    Tensor nchw = floats(Shape.of(1, 2, 2, 2), 1, 2, 3, 4, 5, 6, 7, 8);
    Tensor w = floats(Shape.of(1, 2, 1, 2), 1, 10, 100, 1000);
    Window window = new Window(1, 2, 1, 1, 1, 1, 0, 1, 0, 0);
    Tensor y = ReferenceKernels.evaluate(new FloatOp.Conv(window, 1), List.of(nchw, w));
    assertArrayEquals(new float[] {5010, 6521, 7030, 8743}, y.toFloats());
    Tensor nhwc =
        ReferenceKernels.evaluate(new DeviceOp.Transpose(List.of(0, 2, 3, 1)), List.of(nchw));
    Tensor ohwi =
        ReferenceKernels.evaluate(new DeviceOp.Transpose(List.of(0, 2, 3, 1)), List.of(w));
    DeviceOp conv = new DeviceOp.Conv2d(window, 1, false, false, List.of());
    assertArrayEquals(
        y.toFloats(), ReferenceKernels.evaluate(conv, List.of(nhwc, ohwi)).toFloats());
  }

  @Test
  void averagePoolCountsPaddingOnlyWhenAsked() {
    Tensor x = floats(Shape.of(1, 1, 2, 1), 2, 4);
    Window window = new Window(1, 3, 1, 1, 1, 1, 0, 1, 0, 1);
    Tensor inside =
        ReferenceKernels.evaluate(new DeviceOp.Pool2d(PoolKind.AVERAGE, window, false), List.of(x));
    Tensor padded =
        ReferenceKernels.evaluate(
            new DeviceOp.Pool2d(PoolKind.AVERAGE_INCLUDE_PAD, window, false), List.of(x));
    assertArrayEquals(new float[] {3, 3}, inside.toFloats());
    assertArrayEquals(new float[] {2, 2}, padded.toFloats());
  }

  @Test
  void errorFunctionMatchesTabulatedValues() {
    // Abramowitz and Stegun, table 7.1.
    assertEquals(0.5204998778, ScalarFunctions.erf(0.5), 1e-10);
    assertEquals(0.8427007929, ScalarFunctions.erf(1), 1e-10);
    assertEquals(-0.9953222650, ScalarFunctions.erf(-2), 1e-10);
    assertEquals(1, ScalarFunctions.erf(7));
    assertTrue(Double.isNaN(ScalarFunctions.erf(Double.NaN)));
  }

  @Test
  void activationsNeverOverflow() {
    for (UnaryKind kind :
        List.of(UnaryKind.SIGMOID, UnaryKind.SOFTPLUS, UnaryKind.SWISH, UnaryKind.MISH)) {
      for (float x : new float[] {-1e30f, -1000, 0, 1000, 1e30f}) {
        float y = ScalarFunctions.unary(kind, 1, 0, x);
        assertFalse(Float.isNaN(y), kind + "(" + x + ")");
      }
    }
  }

  @Test
  void castSaturatesAndTruncates() {
    Tensor x = floats(Shape.of(4), 1.9f, -1.9f, 1e20f, Float.NaN);
    assertArrayEquals(
        new long[] {1, -1, Integer.MAX_VALUE, 0},
        ReferenceKernels.evaluate(new DeviceOp.Cast(ElementType.INT32), List.of(x)).toLongs());
  }

  @Test
  void gatherOutsideItsAxisIsAnError() {
    Tensor x = floats(Shape.of(2), 1, 2);
    Tensor bad = Tensor.ofLongs(Shape.of(1), 2);
    assertThrows(
        HeluException.class,
        () -> ReferenceKernels.evaluate(new DeviceOp.Gather(0), List.of(x, bad)));
  }
}
