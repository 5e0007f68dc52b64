package org.helu.device.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.SplittableRandom;
import org.helu.device.testkit.Fill;
import org.helu.device.tornado.Lowering.Program;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.Devices;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers of bytes in both packed forms, as plain Java: the very sums of the reference. */
class PackedKernelTest {
  @ParameterizedTest
  @CsvSource({
    // inputs, outputs, batch; zero point, step, weights, codes
    "64, 64, 32, 0, 1, INT8, UNIFORM",
    "65, 33, 33, 128, 1, INT8, UNIFORM",
    "66, 127, 65, 255, 1, BIT, UNIFORM",
    "67, 65, 40, 7, 2, INT8, UNIFORM",
    "131, 40, 64, 0, 1, INT8, LARGE",
    "16, 32, 35, 255, 1, INT8, ZEROS",
  })
  void denseLayers(
      int inputs, int outputs, int batch, int zero, int step, ElementType weights, Fill fill) {
    GraphBuilder builder = new GraphBuilder("dense");
    builder.input(new GraphInput("x", bytes(Shape.BATCH, inputs)));
    SplittableRandom random = new SplittableRandom(inputs * 31L + outputs);
    builder.constant("w", Fill.UNIFORM.tensor(type(weights, outputs, inputs), random));
    Codes codes = new Codes(step, zero, 0);
    builder.add(
        new Node(
            "fc", new IntegerOp.IntegerDense(codes, false, List.of()), List.of("x", "w"), "y"));
    compare(builder, step == 1 || zero % step == 0, batch, fill);
  }

  @ParameterizedTest
  @CsvSource({
    // height, width, channels, outputs, kernel, stride, dilation, padding, batch, codes
    "8, 8, 3, 32, 3, 1, 1, 1, 2, 1, 0, 0",
    "9, 7, 5, 33, 3, 2, 1, 1, 4, 1, 128, 0",
    "7, 6, 16, 70, 3, 1, 2, 2, 2, 1, 3, 9",
    "6, 5, 17, 32, 2, 1, 1, 0, 3, 2, 4, 0",
    "6, 5, 18, 32, 3, 1, 1, 1, 3, 2, 4, -2",
    "6, 5, 4, 32, 3, 1, 1, 1, 3, 2, 1, 0",
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
      int batch,
      int step,
      int zero,
      int pad) {
    GraphBuilder builder = new GraphBuilder("conv");
    builder.input(new GraphInput("x", bytes(Shape.BATCH, height, width, channels)));
    SplittableRandom random = new SplittableRandom(height * 31L + outputs);
    TensorType weight = type(ElementType.INT8, outputs, kernel, kernel, channels);
    builder.constant("w", Fill.UNIFORM.tensor(weight, random));
    Window window =
        new Window(
            kernel, kernel, stride, stride, dilation, dilation, padding, padding, padding, padding);
    Codes codes = new Codes(step, zero, pad);
    builder.add(
        new Node(
            "conv",
            new IntegerOp.IntegerConv2d(window, 1, codes, false, List.of()),
            List.of("x", "w"),
            "y"));
    // Padding that is no code cannot be read as one.
    compare(builder, (pad + zero) % step == 0, batch, Fill.UNIFORM);
  }

  private static TensorType bytes(int... dims) {
    return type(ElementType.UINT8, dims);
  }

  private static TensorType type(ElementType element, int... dims) {
    return new TensorType(element, Shape.of(dims));
  }

  private static void compare(GraphBuilder builder, boolean tiled, int batch, Fill fill) {
    BinarizedGraph graph = new BinarizedGraph(builder.output("y").build(), Provenance.NONE);
    Tensor x =
        fill.tensor(
            graph.graph().inputs().getFirst().type().withBatch(batch), new SplittableRandom(batch));
    long[] expected = run(Devices.open("reference"), graph, x);
    for (KernelForm form : List.of(KernelForm.PLAIN, KernelForm.TILED_DP4A)) {
      boolean dp4a = tiled && form == KernelForm.TILED_DP4A;
      Program program = Lowering.lower(graph, batch, true, form);
      assertEquals(
          List.of(dp4a ? "heluCodesDp4aTiled" : "heluPackedToInts"),
          program.calls().stream().map(KernelCall::kernel).toList());
      DeviceOptions options = JavaDevice.options(1, form);
      assertArrayEquals(
          expected, run(Devices.open(JavaDevice.NAME, options), graph, x), form.name());
    }
  }

  private static long[] run(Device opened, BinarizedGraph graph, Tensor x) {
    try (Device device = opened;
        Executable executable = device.compile(graph, new CompileOptions(x.shape().dim(0)));
        Session session = executable.newSession()) {
      return session.run(x).toLongs();
    }
  }
}
