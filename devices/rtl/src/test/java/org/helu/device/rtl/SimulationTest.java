package org.helu.device.rtl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.helu.device.rtl.Simulator.Stalls;
import org.helu.device.rtl.design.ClockModel;
import org.helu.device.rtl.design.Cycles;
import org.helu.device.rtl.design.Design;
import org.helu.device.rtl.design.DesignBuilder;
import org.helu.device.rtl.design.Folding;
import org.helu.device.rtl.design.Lowering;
import org.helu.device.rtl.design.Network;
import org.helu.runtime.device.Availability;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.Window;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every unit in Verilator against the interpreter: bits equal, whatever holds the streams back. */
class SimulationTest {
  private static final int SAMPLES = 7;

  /** More than there is room for in a pipeline that takes a sample every clock. */
  private static final int MANY_SAMPLES = 150;

  private record Case(BinarizedGraph graph, String folding, int samples) {
    Case(BinarizedGraph graph, String folding) {
      this(graph, folding, SAMPLES);
    }
  }

  @BeforeEach
  void requireDevice() {
    requireVerilator();
  }

  static void requireVerilator() {
    if (new RtlDeviceProvider().probe()
        instanceof Availability.Unavailable(String reason, String remedy)) {
      String message = "device 'rtl' is unavailable: " + reason + "; " + remedy;
      String required = System.getProperty("helu.requireDevice", "");
      if (Arrays.asList(required.split(",")).contains("rtl")) {
        fail(message);
      }
      Assumptions.abort(message);
    }
  }

  @TestFactory
  Stream<DynamicTest> designs() {
    requireVerilator();
    return cases().stream()
        .map(
            c ->
                DynamicTest.dynamicTest(
                    c.graph().name() + " folded " + c.folding(), () -> check(c)));
  }

  private static List<Case> cases() {
    ElementType bit = ElementType.BIT;
    ElementType u8 = ElementType.UINT8;
    ElementType i8 = ElementType.INT8;
    return List.of(
        // One bit and one bit, both meanings of a bit; widths that need converters both ways.
        new Case(
            Nets.of("bits", 1, bit, 1, 30)
                .codes(Codes.BIPOLAR)
                .dense(24, bit, Nets.bits(1))
                .codes(Codes.UNSIGNED)
                .dense(18, bit, Nets.bits(1))
                .dense(10, bit)
                .build(),
            "4x5,6x3,5x9"),
        // Nothing folded: one sample a clock. The network that docs/fpga.md has synthesized.
        new Case(
            Nets.of("unrolled", 1, bit, 1, 64)
                .codes(Codes.BIPOLAR)
                .dense(64, bit, Nets.bits(1))
                .dense(64, bit, Nets.bits(1))
                .dense(10, bit)
                .build(),
            "64x64,64x64,10x64",
            MANY_SAMPLES),
        new Case(
            Nets.of("unfolded", 2, bit, 1, 33)
                .codes(Codes.BIPOLAR)
                .dense(32, bit, Nets.bits(1))
                .dense(5, bit, Epilogue.AFFINE)
                .build(),
            "32x33,5x32",
            MANY_SAMPLES),
        // The same with bytes and codes of two bits: their weights are wires too.
        new Case(
            Nets.of("unfolded codes", 9, ElementType.UINT8, 8, 7)
                .dense(6, bit, Nets.bits(3))
                .codes(Codes.UNSIGNED)
                .dense(9, bit, Nets.bits(1))
                .codes(Codes.BIPOLAR)
                .dense(3, bit)
                .build(),
            "6x7,9x6,3x9",
            MANY_SAMPLES),
        // Unfolded layers before, between and behind folded ones; one drops every other pixel.
        new Case(
            Nets.of("unfolded pixels", 10, bit, 1, 6, 5, 8)
                .codes(Codes.BIPOLAR)
                .conv(12, Nets.window(1, 1, 0), bit, Nets.bits(1))
                .conv(6, Nets.window(1, 1, 0), bit, Nets.bits(1))
                .conv(8, Nets.window(3, 1, 0), bit, Nets.bits(1))
                .conv(9, Nets.window(1, 1, 0), bit, Nets.bits(1))
                .conv(4, Nets.window(1, 2, 0), bit, Nets.bits(1))
                .conv(3, Nets.window(1, 1, 0), bit)
                .build(),
            "12x8,6x12,4x6,9x8,4x9,3x4"),
        new Case(residual(bit, Nets.window(1, 1, 0)), "4x4,4x4,4x4,2x4"),
        // Bytes, planes, int8, several thresholds, requantized codes, an epilogue standing alone.
        new Case(
            Nets.of("codes", 3, ElementType.FLOAT32, 0, 12)
                .quantize(1 / 255f, 3)
                .codes(Codes.ofZeroPoint(3))
                .dense(16, bit, Nets.bits(3))
                .codes(Codes.UNSIGNED)
                .dense(12, bit, Nets.bits(2))
                .dense(16, i8, new Epilogue.Requantize(20, 200))
                .convert(new Epilogue.Threshold(5, u8))
                .dense(8, i8, new Epilogue.Threshold(7, u8))
                .dense(6, i8, Epilogue.AFFINE)
                .build(),
            "8x6,3x4,4x12,2x1,4x8,2x1"),
        // Convolutions: stride, zero padding of bytes and of bipolar bits, pools, flatten.
        new Case(
            Nets.of("image", 4, u8, 8, 9, 7, 2)
                .conv(6, Nets.window(3, 1, 1), bit, Nets.bits(1))
                .codes(Codes.BIPOLAR)
                .conv(8, Nets.window(3, 2, 1), bit, Nets.bits(1))
                .maxPool(Nets.window(2, 2, 0))
                .conv(4, Nets.window(1, 1, 0), bit, Nets.bits(1))
                .conv(3, Window.ofKernel(2, 2), bit)
                .build(),
            "3x2,4x3,1x4,2x8,3x4"),
        new Case(
            Nets.of("int8 image", 5, u8, 8, 6, 6, 3)
                .codes(Codes.ofZeroPoint(7))
                .conv(4, Nets.window(3, 1, 1), i8, new Epilogue.Requantize(24, 255))
                .maxPool(Nets.window(3, 2, 1))
                .codes(Codes.UNSIGNED)
                .conv(5, new Window(2, 3, 1, 2, 1, 1, 1, 0, 0, 1), i8)
                .build(),
            "2x3,1x2,1x4"),
        // No padding: between two images a window waits for rows. Rows behind the last window.
        new Case(
            Nets.of("rows", 6, u8, 8, 8, 5, 2)
                .conv(2, Nets.window(3, 1, 0), i8, Nets.bits(3))
                .maxPool(Nets.window(2, 3, 0))
                .conv(4, new Window(2, 1, 1, 1, 1, 1, 0, 0, 0, 0), bit)
                .build(),
            "1x2,1x1,2x1"),
        // The block's input is added to its second convolution.
        new Case(residual(i8, Nets.window(3, 1, 1)), "2x4,4x2,1x4,2x4"),
        new Case(
            Nets.of("planes image", 8, u8, 8, 5, 6, 3)
                .conv(6, new Window(3, 3, 1, 2, 2, 1, 2, 1, 2, 1), bit, Nets.bits(7))
                .conv(5, Nets.window(3, 1, 1), bit, Nets.bits(1))
                .codes(Codes.BIPOLAR)
                .conv(4, Nets.window(3, 1, 1), i8, Epilogue.AFFINE)
                .build(),
            "3x1,5x6,2x5"));
  }

  private static BinarizedGraph residual(ElementType weights, Window window) {
    Nets nets =
        Nets.of("residual", 7, ElementType.UINT8, 8, 6, 5, 4)
            .conv(4, window, weights, new Epilogue.Requantize(24, 255));
    String block = nets.current();
    return nets.conv(4, window, weights, new Epilogue.Requantize(24, 255))
        .conv(4, window, weights, block, new Epilogue.Requantize(24, 255))
        .conv(2, Nets.window(1, 1, 0), weights)
        .build();
  }

  private static void check(Case c) {
    Network network = Lowering.lower(c.graph());
    Folding folding = Folding.parse(c.folding());
    Design design = DesignBuilder.build(network, folding);
    Path folder = SimulatorBuild.build(design);
    Tensor input = Nets.input(c.graph(), c.samples(), 17);
    Tensor codes =
        network.before().nodes().isEmpty()
            ? input
            : new Interpreter(network.before()).run(List.of(input)).getFirst();
    float[] expected = doubles(new Interpreter(c.graph().graph()).run(List.of(input)).getFirst());
    try (Simulator simulator = new Simulator(design, folder, Cycles.interval(network, folding))) {
      for (Stalls stalls :
          List.of(
              Stalls.NONE,
              new Stalls(128, 0, 2),
              new Stalls(0, 128, 3),
              new Stalls(200, 200, 4),
              new Stalls(20, 30, 5))) {
        Tensor sums = simulator.run(codes, network.outType().withBatch(c.samples()), stalls);
        Tensor result =
            network.behind().nodes().isEmpty()
                ? sums
                : new Interpreter(network.behind()).run(List.of(sums)).getFirst();
        assertArrayEquals(expected, doubles(result), stalls.toString());
        if (stalls.equals(Stalls.NONE)) {
          // The first run: later ones begin while rows that no window reads are still inside.
          ClockModel.Clocks counted = ClockModel.run(design, c.samples());
          assertEquals(counted.interval(), simulator.clocks().interval(), "clocks a sample");
          assertEquals(counted.latency(), simulator.clocks().latency(), "clocks of latency");
          assertEquals(counted.total(), simulator.clocks().total(), "clocks of all samples");
          if (c.samples() == MANY_SAMPLES) {
            assertEquals(counted.latency() + c.samples(), counted.total(), "a sample a clock");
          }
        }
      }
    }
  }

  private static float[] doubles(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) tensor.getDouble(i);
    }
    return values;
  }
}
