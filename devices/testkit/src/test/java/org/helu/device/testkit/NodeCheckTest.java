package org.helu.device.testkit;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.SplittableRandom;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.reference.ReferenceKernels;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Test;

/** The contract's comparison must see what it is there to see. */
class NodeCheckTest {
  private final SplittableRandom random = new SplittableRandom(7);
  private final Tensor x = Fill.UNIFORM.tensor(TensorType.float32(3, 64), random);
  private final Tensor weight = Fill.UNIFORM.tensor(TensorType.float32(17, 64), random);
  private final List<Tensor> operands = List.of(x, weight);
  private final DeviceOp dense = new DeviceOp.Dense(false, false, List.of());
  private final DeviceOp gated = new DeviceOp.Dense(false, false, List.of(Epilogue.GATE));

  private void refused(DeviceOp op, List<Tensor> inputs, Tensor actual) {
    assertThrows(AssertionError.class, () -> NodeCheck.check("case", op, inputs, actual));
  }

  private void accepted(DeviceOp op, List<Tensor> inputs, Tensor actual) {
    assertDoesNotThrow(() -> NodeCheck.check("case", op, inputs, actual));
  }

  private static int firstWhere(Tensor tensor, boolean positive) {
    for (int i = 0; i < tensor.elements(); i++) {
      if ((tensor.getFloat(i) > 0) == positive) {
        return i;
      }
    }
    throw new IllegalStateException("no such element");
  }

  @Test
  void seesAWrongSum() {
    Tensor y = ReferenceKernels.evaluate(dense, operands);
    accepted(dense, operands, y);
    y.setFloat(20, y.getFloat(20) + 2e-4f);
    refused(dense, operands, y);
  }

  @Test
  void acceptsAnotherOrderOfSummation() {
    Tensor y = ReferenceKernels.evaluate(dense, operands);
    for (int row = 0; row < 3; row++) {
      for (int o = 0; o < 17; o++) {
        float sum = 0;
        for (int k = 63; k >= 0; k--) {
          sum = Math.fma(x.getFloat(row * 64 + k), weight.getFloat(o * 64 + k), sum);
        }
        y.setFloat(row * 17 + o, sum);
      }
    }
    accepted(dense, operands, y);
  }

  @Test
  void seesALostNan() {
    x.setFloat(5, Float.NaN);
    Tensor y = ReferenceKernels.evaluate(dense, operands);
    accepted(dense, operands, y);
    y.setFloat(2, 0f);
    refused(dense, operands, y);
  }

  @Test
  void seesALeakingGateAndAWrongMask() {
    Tensor y = ReferenceKernels.evaluate(gated, operands);
    accepted(gated, operands, y);
    int closed = firstWhere(y, false);
    y.setFloat(closed, -0f);
    refused(gated, operands, y);
    y.setFloat(closed, 0f);
    accepted(gated, operands, y);
    long word = y.type().maskOffset();
    y.data().set(Tensor.LONG, word, y.data().get(Tensor.LONG, word) ^ 1L << 3);
    refused(gated, operands, y);
  }

  @Test
  void seesBitsBehindTheLastChannel() {
    Tensor y = ReferenceKernels.evaluate(gated, operands);
    long word = y.type().maskOffset();
    y.data().set(Tensor.LONG, word, y.data().get(Tensor.LONG, word) | 1L << 17);
    refused(gated, operands, y);
  }

  @Test
  void allowsNoDifferenceWhereNothingIsRounded() {
    DeviceOp transpose = new DeviceOp.Transpose(List.of(1, 0));
    Tensor moved = ReferenceKernels.evaluate(transpose, List.of(x));
    accepted(transpose, List.of(x), moved);
    moved.setFloat(9, Math.nextUp(moved.getFloat(9)));
    refused(transpose, List.of(x), moved);

    DeviceOp pool = new DeviceOp.Pool2d(PoolKind.MAX, Window.ofKernel(2, 2), false);
    Tensor image = x.reshaped(Shape.of(3, 4, 4, 4));
    Tensor pooled = ReferenceKernels.evaluate(pool, List.of(image));
    accepted(pool, List.of(image), pooled);
    pooled.setFloat(1, Math.nextDown(pooled.getFloat(1)));
    refused(pool, List.of(image), pooled);
  }

  @Test
  void seesAWrongShape() {
    Tensor y = ReferenceKernels.evaluate(dense, operands);
    refused(dense, operands, y.reshaped(Shape.of(17, 3)));
  }
}
