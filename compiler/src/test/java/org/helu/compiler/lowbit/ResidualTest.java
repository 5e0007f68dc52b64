package org.helu.compiler.lowbit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.helu.compiler.analysis.DoubleInterpreter;
import org.helu.compiler.pass.PassLog;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.Rounding;
import org.helu.runtime.op.Window;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Test;

/** A convolution plus codes of another scale, then ReLU and a quantizer. */
class ResidualTest {
  private static final int CHANNELS = 4;

  private static final Window SAME = new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1);

  private final Map<String, Tensor> values = new HashMap<>();
  private PassLog log;

  private static Graph block(SplittableRandom random, int inputHigh, int high) {
    GraphBuilder builder = new GraphBuilder("block");
    builder.input(new GraphInput("x", TensorType.float32(-1, CHANNELS, 5, 5)));
    builder.constant("xs", Tensor.scalar(0.1f + (float) random.nextDouble()));
    builder.constant("ys", Tensor.scalar(1 + 3 * (float) random.nextDouble()));
    builder.constant("ws", Tensor.scalar(0.01f + (float) random.nextDouble() / 10));
    builder.constant("zero", Tensor.ofInts(Shape.of(), 0));
    Tensor codes =
        Tensor.zeros(new TensorType(ElementType.INT8, Shape.of(CHANNELS, CHANNELS, 3, 3)));
    for (long i = 0; i < codes.elements(); i++) {
      codes.setLong(i, random.nextInt(17) - 8);
    }
    builder.constant("w", codes);
    FloatOp quantizeX =
        new FloatOp.Quantize(1, 0, inputHigh, Rounding.HALF_EVEN, ElementType.UINT8);
    builder.add(quantizeX, "xq", "x", "xs", "zero");
    builder.add(new FloatOp.Dequantize(1), "xd", "xq", "xs", "zero");
    builder.add(new FloatOp.Dequantize(0), "wd", "w", "ws", "zero");
    builder.add(new FloatOp.Conv(SAME, 1), "z", "xd", "wd");
    builder.add(new DeviceOp.Binary(BinaryKind.ADD), "sum", "z", "xd");
    builder.add(new FloatOp.Helu(0), "relu", "sum");
    FloatOp quantizeY = new FloatOp.Quantize(1, 0, high, Rounding.HALF_EVEN, ElementType.UINT8);
    builder.add(quantizeY, "yq", "relu", "ys", "zero");
    builder.add(new FloatOp.Dequantize(1), "y", "yq", "ys", "zero");
    return builder.output("y").build();
  }

  /** Lowers and runs; returns how many codes differ from the formula in double. */
  private int differences(long seed, int inputHigh, int high, boolean proved) {
    SplittableRandom random = new SplittableRandom(seed);
    Graph graph = block(random, inputHigh, high);
    float scale = graph.constant("xs").getFloat(0);
    Tensor x = Tensor.zeros(TensorType.float32(6, CHANNELS, 5, 5));
    for (long i = 0; i < x.elements(); i++) {
      x.setFloat(i, random.nextInt(inputHigh + 1) * scale);
    }
    log = new PassLog();
    Lowering lowering = new Lowering(graph, log, proved);
    Graph lowered = lowering.run();
    values.clear();
    new Interpreter(lowered).run(List.of(x), (node, tensor) -> values.put(node.output(), tensor));
    DoubleInterpreter.Value expected = new DoubleInterpreter(graph).values(List.of(x)).get("yq");
    Tensor codes = values.get(lowering.fact("yq").value());
    int differences = 0;
    for (int i = 0; i < codes.elements(); i++) {
      long distance = Math.abs(codes.getLong(i) - (long) expected.at(i));
      assertTrue(distance <= 1, "seed " + seed + " at " + i + ": " + distance + " steps");
      differences += (int) distance;
    }
    return differences;
  }

  private boolean noted(String text) {
    return log.notes().stream().anyMatch(note -> note.text().contains(text));
  }

  @Test
  void fewLevelsAreProvedExact() {
    int proved = 0;
    for (long seed = 0; seed < 40; seed++) {
      assertEquals(0, differences(seed, 15, 15, true), "seed " + seed);
      proved += noted("proved exact") ? 1 : 0;
    }
    assertTrue(proved > 30, proved + " of 40 blocks were proved exact");
  }

  @Test
  void withoutProofTrainedNetworksAddFloats() {
    int floats = 0;
    for (long seed = 0; seed < 10; seed++) {
      differences(seed, 255, 255, true);
      floats += noted("quantizes a float sum: no fixed point") ? 1 : 0;
    }
    assertTrue(floats > 0, "every block of bytes was proved exact");
  }

  @Test
  void roundedResidualsStayNextToTies() {
    int differences = 0;
    for (long seed = 0; seed < 40; seed++) {
      differences += differences(seed, 255, 255, false);
      assertTrue(noted("of a tie") || noted("proved exact"), log.notes().toString());
      assertTrue(
          values.values().stream().noneMatch(v -> v.type().elementType() == ElementType.INT32)
              || noted("added inside the layer"),
          "seed " + seed);
    }
    assertTrue(differences <= 2, differences + " codes differ");
  }

  @Test
  void residualIsPartOfTheLayer() {
    Graph graph = block(new SplittableRandom(1), 15, 15);
    Graph lowered = Lowering.apply(graph, new PassLog(), false);
    assertTrue(
        lowered.nodes().stream()
            .anyMatch(n -> n.op() instanceof IntegerOp.IntegerConv2d conv && conv.residual()));
  }
}
