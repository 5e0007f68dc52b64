package org.helu.device.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.helu.device.testkit.Fill;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.Devices;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Dense layers that one task computes: which they are, and that they answer as the reference. */
class DenseChainTest {
  private static final Epilogue BITS = new Epilogue.Threshold(1, ElementType.BIT);
  private static final float SCALE = 0.3f;

  private final GraphBuilder builder = new GraphBuilder("chain");
  private final SplittableRandom random = new SplittableRandom(42);

  @ParameterizedTest
  @CsvSource({
    // input, rows of a sample, widths, last epilogues, batch, largest batch
    "BIT, 1, 64 64 10, AFFINE, 1, 1",
    "BIT, 1, 100 65 33 10, GATED, 9, 16",
    "BIT, 3, 65 129 64, BITS, 5, 5",
    "BIT, 1, 2100 17 1, SUMS, 8, 8",
    "UINT8, 1, 16 16 16, BITS, 7, 8",
    "UINT8, 1, 31 40 5, AFFINE, 17, 20",
    "UINT8, 2, 300 63 130, SUMS, 3, 4",
    "FLOAT32, 1, 784 256 256 10, AFFINE, 30, 64",
    "FLOAT32, 1, 33 20, AFFINE, 8, 8",
    "FLOAT32, 5, 18 70 3, GATED, 2, 3",
    "FLOAT32, 1, 1000 16, BITS, 12, 12",
  })
  void oneTaskAnswersAsTheReference(
      ElementType input, int rows, String widths, String end, int batch, int maxBatch) {
    OpenClDevice.require();
    List<Integer> sizes = sizes(widths);
    String value = input(input, rows, sizes.getFirst());
    for (int i = 1; i < sizes.size(); i++) {
      boolean last = i == sizes.size() - 1;
      Codes codes = i % 2 == 0 ? Codes.BIPOLAR : new Codes(1, i == 1 ? 3 : 0, 0);
      value = dense(value, sizes.get(i - 1), sizes.get(i), codes, last ? end : "BITS", i % 2 == 0);
    }
    BinarizedGraph graph = build(value);
    List<String> all = graph.graph().nodes().stream().map(Node::name).toList();
    assertEquals(List.of(all), tasks(graph, true));
    Tensor x = values(graph.graph().inputs().getFirst().type().withBatch(batch));
    assertArrayEquals(run("reference", graph, x, maxBatch), run("opencl", graph, x, maxBatch));
  }

  /** Without the instructions of particular CPUs. */
  @ParameterizedTest
  @CsvSource({"BIT, 70 100 10", "FLOAT32, 300 70 10"})
  void portableCodeAnswersAsTheReference(ElementType input, String widths) {
    System.setProperty("helu.tornado.portableC", "true");
    try {
      oneTaskAnswersAsTheReference(input, 1, widths, "AFFINE", 11, 16);
    } finally {
      System.clearProperty("helu.tornado.portableC");
    }
  }

  private static List<Integer> sizes(String widths) {
    List<Integer> sizes = new ArrayList<>();
    for (String width : widths.split(" ")) {
      sizes.add(Integer.parseInt(width));
    }
    return sizes;
  }

  @Test
  void valuesThatAreReadElsewhereStayTasks() {
    String first = dense(input(ElementType.BIT, 1, 64), 64, 40, Codes.UNSIGNED, "BITS", true);
    String second = dense(first, 40, 30, Codes.UNSIGNED, "BITS", true);
    String third = dense(second, 30, 20, Codes.UNSIGNED, "BITS", true);
    builder.output(first);
    assertEquals(List.of(List.of("fc1"), List.of("fc2", "fc3")), tasks(build(third), true));
  }

  @Test
  void observedLayersAreTasksOfTheirOwn() {
    String first = dense(input(ElementType.BIT, 1, 64), 64, 40, Codes.UNSIGNED, "BITS", true);
    BinarizedGraph graph = build(dense(first, 40, 30, Codes.UNSIGNED, "SUMS", true));
    assertEquals(List.of(List.of("fc1"), List.of("fc2")), tasks(graph, false));
  }

  @Test
  void reshapesBelongToIt() {
    String codes = input(ElementType.FLOAT32, 2, 16);
    builder.add(
        new Node(
            "flatten", new DeviceOp.Reshape(Shape.of(Shape.BATCH, 32)), List.of(codes), "flat"));
    BinarizedGraph graph = build(dense("flat", 32, 8, Codes.UNSIGNED, "AFFINE", true));
    assertEquals(List.of(List.of("quantize", "fc1")), tasks(graph, true));
  }

  private String input(ElementType element, int rows, int channels) {
    Shape shape = Shape.of(Shape.BATCH, rows, channels);
    TensorType type =
        element == ElementType.BIT ? TensorType.bits(shape, 1) : new TensorType(element, shape);
    builder.input(new GraphInput("x", type));
    if (element != ElementType.FLOAT32) {
      return "x";
    }
    IntegerOp quantize = new IntegerOp.Convert(new Epilogue.Quantize(SCALE, 2, 250));
    builder.add(new Node("quantize", quantize, List.of("x"), "codes"));
    return "codes";
  }

  private int layers;

  private String dense(
      String x, int inputs, int outputs, Codes codes, String end, boolean perChannel) {
    String name = "fc" + ++layers;
    List<String> operands = new ArrayList<>(List.of(x, name + ".weight"));
    TensorType weight = new TensorType(ElementType.BIT, Shape.of(outputs, inputs));
    builder.constant(name + ".weight", Fill.UNIFORM.tensor(weight, random));
    int rows = perChannel ? outputs : 1;
    if (end.equals("BITS")) {
      Tensor thresholds = Tensor.zeros(new TensorType(ElementType.INT32, Shape.of(rows, 2)));
      for (int o = 0; o < rows; o++) {
        thresholds.setLong(2L * o, random.nextBoolean() ? 1 : -1);
        thresholds.setLong(2L * o + 1, random.nextInt(-20, 20));
      }
      builder.constant(name + ".thresholds", thresholds);
      operands.add(name + ".thresholds");
    } else if (!end.equals("SUMS")) {
      builder.constant(name + ".affine", Fill.UNIFORM.tensor(TensorType.float32(rows, 2), random));
      operands.add(name + ".affine");
    }
    List<Epilogue> epilogues =
        switch (end) {
          case "BITS" -> List.of(BITS);
          case "AFFINE" -> List.of(Epilogue.AFFINE);
          case "GATED" -> List.of(Epilogue.AFFINE, Epilogue.GATE);
          default -> List.of();
        };
    IntegerOp op = new IntegerOp.IntegerDense(codes, false, epilogues);
    builder.add(new Node(name, op, operands, name + ".y"));
    return name + ".y";
  }

  private BinarizedGraph build(String output) {
    return new BinarizedGraph(builder.output(output).build(), Provenance.NONE);
  }

  /** The names of the nodes of each task. */
  private static List<List<String>> tasks(BinarizedGraph graph, boolean shared) {
    return Lowering.lower(graph, 4, shared, KernelForm.OPENCL_C).calls().stream()
        .map(KernelCall::names)
        .toList();
  }

  /** Floats beside every tie of the quantizer and far from all codes, else uniform codes. */
  private Tensor values(TensorType type) {
    Tensor x = Fill.UNIFORM.tensor(type, random);
    if (type.elementType() == ElementType.FLOAT32) {
      float[] odd = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e30f, -0f};
      for (long i = 0; i < x.elements(); i++) {
        float tie = random.nextInt(-20, 520) * SCALE / 2;
        float beside = random.nextBoolean() ? tie : Math.nextUp(tie);
        boolean isOdd = i / 40 % 4 == 3 && random.nextInt(9) == 0;
        x.setFloat(i, isOdd ? odd[random.nextInt(odd.length)] : beside);
      }
    }
    return x;
  }

  private static double[] run(String name, BinarizedGraph graph, Tensor x, int maxBatch) {
    try (Device device = Devices.open(name);
        Executable executable = device.compile(graph, new CompileOptions(maxBatch));
        Session session = executable.newSession()) {
      Tensor y = session.run(x);
      double[] values = new double[Math.toIntExact(y.elements())];
      for (int i = 0; i < values.length; i++) {
        boolean floats = y.type().elementType() == ElementType.FLOAT32;
        values[i] = floats ? y.getFloat(i) : y.getLong(i);
      }
      assertTrue(values.length > 0);
      return values;
    }
  }
}
