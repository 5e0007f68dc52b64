package org.helu.device.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.SplittableRandom;
import org.helu.device.testkit.Fill;
import org.helu.device.testkit.Networks;
import org.helu.device.tornado.Lowering.Program;
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
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kernels for GPUs, on whatever OpenCL device there is: bit for bit as on the reference. */
class TiledKernelTest {
  @BeforeEach
  void chooseTiles() {
    OpenClDevice.require();
    System.setProperty("helu.tornado.kernels", "tiled");
  }

  @AfterEach
  void chooseByDevice() {
    System.clearProperty("helu.tornado.kernels");
  }

  @ParameterizedTest
  @CsvSource({
    // inputs, outputs, rows of a sample, largest batch, batch
    "16, 32, 1, 32, 32",
    "17, 33, 1, 65, 64",
    "31, 64, 3, 43, 43",
    "100, 65, 1, 129, 1",
    "64, 127, 1, 64, 63",
    "127, 200, 5, 40, 27",
  })
  void denseLayers(int inputs, int outputs, int rows, int maxBatch, int batch) {
    GraphBuilder builder = new GraphBuilder("dense");
    builder.input(new GraphInput("x", TensorType.float32(Shape.BATCH, rows, inputs)));
    builder.input(new GraphInput("r", TensorType.float32(Shape.BATCH, rows, outputs)));
    SplittableRandom random = new SplittableRandom(inputs * 31L + outputs);
    builder.constant("w", Fill.UNIFORM.tensor(TensorType.float32(outputs, inputs), random));
    builder.constant("b", Fill.UNIFORM.tensor(TensorType.float32(outputs), random));
    List<Epilogue> gate = List.of(Epilogue.GATE);
    builder.add(
        new Node("fc", new DeviceOp.Dense(true, true, gate), List.of("x", "w", "b", "r"), "y"));
    compare(builder.output("y").build(), "heluDenseTiled", maxBatch, batch);
  }

  @ParameterizedTest
  @CsvSource({
    // height, width, channels, outputs, kernel, stride, dilation, padding, largest batch, batch
    "8, 8, 3, 32, 3, 1, 1, 1, 4, 4",
    "9, 7, 5, 33, 3, 2, 1, 1, 9, 8",
    "11, 13, 4, 64, 5, 1, 1, 2, 3, 1",
    "12, 12, 16, 70, 3, 1, 2, 2, 3, 2",
    "6, 5, 17, 32, 2, 1, 1, 0, 7, 7",
    "15, 15, 2, 40, 3, 3, 2, 1, 5, 4",
  })
  void convolutions(
      int height,
      int width,
      int channels,
      int outputs,
      int kernel,
      int stride,
      int dilation,
      int padding,
      int maxBatch,
      int batch) {
    GraphBuilder builder = new GraphBuilder("conv");
    builder.input(new GraphInput("x", TensorType.float32(Shape.BATCH, height, width, channels)));
    SplittableRandom random = new SplittableRandom(height * 31L + outputs);
    builder.constant(
        "w", Fill.UNIFORM.tensor(TensorType.float32(outputs, kernel, kernel, channels), random));
    builder.constant("b", Fill.UNIFORM.tensor(TensorType.float32(outputs), random));
    Window window =
        new Window(
            kernel, kernel, stride, stride, dilation, dilation, padding, padding, padding, padding);
    builder.add(
        new Node(
            "conv",
            new DeviceOp.Conv2d(window, 1, true, false, List.of()),
            List.of("x", "w", "b"),
            "y"));
    compare(builder.output("y").build(), "heluConv2dTiled", maxBatch, batch);
  }

  @Test
  void wholeNetworks() {
    for (BinarizedGraph graph : List.of(Networks.grayCnn(), Networks.mlp(784, 256, 10))) {
      Tensor input = input(graph.graph().inputs().getFirst(), 33, 5);
      float[] expected = run("reference", graph, List.of(input), 40);
      float[] found = run("opencl", graph, List.of(input), 40);
      assertArrayEquals(expected, found, 1e-4f, graph.name());
    }
  }

  private static Tensor input(GraphInput input, int batch, long seed) {
    return Fill.UNIFORM.tensor(input.type().withBatch(batch), new SplittableRandom(seed));
  }

  private static void compare(
      org.helu.runtime.graph.Graph graph, String kernel, int maxBatch, int batch) {
    BinarizedGraph network = new BinarizedGraph(graph, Provenance.NONE);
    Program program = Lowering.lower(network, maxBatch, true, KernelForm.TILED);
    assertEquals(List.of(kernel), program.calls().stream().map(KernelCall::kernel).toList());
    List<Tensor> inputs =
        graph.inputs().stream().map(input -> input(input, batch, input.name().hashCode())).toList();
    float[] expected = run("reference", network, inputs, maxBatch);
    float[] found = run("opencl", network, inputs, maxBatch);
    assertArrayEquals(expected, found);
  }

  private static float[] run(String name, BinarizedGraph graph, List<Tensor> inputs, int maxBatch) {
    try (Device device = Devices.open(name);
        Executable executable = device.compile(graph, new CompileOptions(maxBatch));
        Session session = executable.newSession()) {
      return session.run(inputs).getFirst().toFloats();
    }
  }
}
