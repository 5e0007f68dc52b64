package org.helu.compiler.lowbit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.helu.compiler.pass.PassLog;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.op.Rounding;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Test;

/** Which means of codes become integers; that these are exact is RandomLowBitTest's to show. */
class AverageTest {
  private final PassLog log = new PassLog();

  /** Codes, {@code average} of them, QONNX's Trunc of that, a dense layer. */
  private long integerLayers(Op average, int zero) {
    GraphBuilder builder = new GraphBuilder("average");
    builder.input(new GraphInput("x", TensorType.float32(-1, 2, 4, 4)));
    builder.constant("scale", Tensor.scalar(0.3f));
    builder.constant("zero", Tensor.ofInts(Shape.of(), zero));
    FloatOp quantize = new FloatOp.Quantize(1, 0, 15, Rounding.HALF_EVEN, ElementType.UINT8);
    builder.add(quantize, "q", "x", "scale", "zero");
    builder.add(new FloatOp.Dequantize(1), "d", "q", "scale", "zero");
    builder.add(average, "mean", "d");
    builder.add(new DeviceOp.Binary(BinaryKind.DIV), "units", "mean", "scale");
    builder.add(new DeviceOp.Unary(UnaryKind.ROUND), "rounded", "units");
    builder.add(new DeviceOp.Unary(UnaryKind.LINEAR, 0.5f, 0), "half", "rounded");
    builder.add(new DeviceOp.Unary(UnaryKind.FLOOR), "floor", "half");
    builder.add(new DeviceOp.Binary(BinaryKind.MUL), "trunc", "floor", "scale");
    int features =
        Math.toIntExact(
            average
                .infer(List.of(new TensorType(ElementType.FLOAT32, Shape.of(-1, 2, 4, 4))))
                .shape()
                .elementsPerSample());
    builder.add(new DeviceOp.Reshape(Shape.of(-1, features)), "flat", "trunc");
    float[] weights = new float[3 * features];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = i % 3 == 0 ? 0.5f : -0.5f;
    }
    builder.constant("w", Tensor.ofFloats(Shape.of(3, features), weights));
    builder.add(new FloatOp.Gemm(1, 1, false, true), "y", "flat", "w");
    Graph lowered = Lowering.apply(builder.output("y").build(), log, true);
    return lowered.nodes().stream()
        .filter(
            n ->
                n.op() instanceof IntegerOp.IntegerConv2d
                    || n.op() instanceof IntegerOp.IntegerDense)
        .count();
  }

  private static FloatOp.Pool pool(PoolKind kind, int pad) {
    return new FloatOp.Pool(kind, new Window(2, 2, 2, 2, 1, 1, pad, pad, pad, pad), false);
  }

  private boolean noted(String text) {
    return log.notes().stream().anyMatch(note -> note.text().contains(text));
  }

  @Test
  void meansAndTruncBecomeIntegers() {
    DeviceOp.Reduce global = new DeviceOp.Reduce(ReduceKind.MEAN, List.of(-1, 2), true);
    assertEquals(2, integerLayers(global, 3));
    assertEquals(2, integerLayers(pool(PoolKind.AVERAGE, 0), 3));
    assertEquals(2, integerLayers(pool(PoolKind.AVERAGE_INCLUDE_PAD, 1), 3));
    assertTrue(noted("sums 16 codes"), log.notes().toString());
    assertTrue(noted("integer thresholds a channel on the sum"), log.notes().toString());
  }

  @Test
  void windowsOfDifferentSizesStayFloat() {
    assertEquals(0, integerLayers(pool(PoolKind.AVERAGE, 1), 3));
    assertTrue(noted("stays float: its windows at the border"), log.notes().toString());
  }
}
