package org.helu.device.vector.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.Devices;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Which processors are said to have fused multiply-add, and that all float blocks heed it. */
class FusedMultiplyAddTest {
  /** Its square is 1 + 2^-11 + 2^-24, of which float32 holds no 2^-24. */
  private static final float FACTOR = 1 + 0x1p-12f;

  /** {@code FACTOR * FACTOR - 1}, rounded once or twice. */
  private static final float EXPECTED = Simd.FMA ? 0x1p-11f + 0x1p-24f : 0x1p-11f;

  @Test
  void theForcedFormIsUsed() {
    String forced = System.getProperty(Simd.FMA_PROPERTY);
    if (forced != null) {
      assertEquals(Boolean.parseBoolean(forced), Simd.FMA);
    } else if (!CpuInfo.isX86()) {
      assertTrue(Simd.FMA);
    }
  }

  @Test
  void x86HasItBesideAvxWhereItsFlagsSaySo() {
    assertFalse(CpuInfo.hasFma(128, 128, "fpu sse4_2 avx fma"), "Java does without AVX");
    assertFalse(CpuInfo.hasFma(256, 128, "fpu sse4_2 avx"), "Sandy Bridge");
    assertFalse(CpuInfo.hasFma(256, 128, "fpu avx fma4 avx512ifma"), "other instructions");
    assertTrue(CpuInfo.hasFma(256, 128, "fpu avx fma4 fma f16c"), "Piledriver");
    assertTrue(CpuInfo.hasFma(256, 256, "fma avx avx2"), "Haswell");
    assertFalse(CpuInfo.hasFma(256, 256, "fpu avx avx2"), "Eden X4");
    assertTrue(CpuInfo.hasFma(256, 256, null), "AVX2, not on Linux");
    assertFalse(CpuInfo.hasFma(256, 128, null), "AVX, not on Linux");
  }

  @TestFactory
  Stream<DynamicTest> denseBlocksRoundAsThisMachineDoes() {
    return IntStream.of(1, 2, 4, 8)
        .mapToObj(vectors -> vectors)
        .flatMap(
            vectors ->
                Stream.of(1, 300)
                    .map(
                        inputs ->
                            DynamicTest.dynamicTest(
                                inputs + " inputs, " + vectors + " vectors of outputs",
                                () -> dense(inputs, vectors * Simd.LANES))));
  }

  /** One row, and rows enough for blocks; of many inputs, all but one are 0 or all count. */
  private static void dense(int inputs, int outputs) {
    DeviceOp op = new DeviceOp.Dense(true, false, List.of());
    Tensor weight = Tensor.zeros(TensorType.float32(outputs, inputs));
    for (int o = 0; o < outputs; o++) {
      weight.setFloat((long) o * inputs, FACTOR);
    }
    for (int batch : new int[] {1, 9}) {
      for (float others : new float[] {0, 1}) {
        Tensor x = filled(TensorType.float32(batch, inputs), others);
        for (int row = 0; row < batch; row++) {
          x.setFloat((long) row * inputs, FACTOR);
        }
        check(op, TensorType.float32(Shape.BATCH, inputs), x, weight, outputs);
      }
    }
  }

  @Test
  void convolutionsRoundAsThisMachineDoes() {
    int channels = 2 * Simd.LANES + 1;
    Window one = new Window(1, 1, 1, 1, 1, 1, 0, 0, 0, 0);
    TensorType type = TensorType.float32(Shape.BATCH, 3, 5, channels);
    Tensor x = filled(TensorType.float32(1, 3, 5, channels), FACTOR);
    // Each output reads one channel: as a product over pixels, and channel by channel.
    Tensor weight = Tensor.zeros(TensorType.float32(channels, 1, 1, channels));
    for (int o = 0; o < channels; o++) {
      weight.setFloat((long) o * channels + o, FACTOR);
    }
    check(new DeviceOp.Conv2d(one, 1, true, false, List.of()), type, x, weight, channels);
    check(
        new DeviceOp.Conv2d(one, channels, true, false, List.of()),
        type,
        x,
        filled(TensorType.float32(channels, 1, 1, 1), FACTOR),
        channels);
  }

  private static Tensor filled(TensorType type, float value) {
    Tensor tensor = Tensor.zeros(type);
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.setFloat(i, value);
    }
    return tensor;
  }

  private static void check(DeviceOp op, TensorType type, Tensor x, Tensor weight, int outputs) {
    GraphBuilder builder = new GraphBuilder("one product");
    builder.input(new GraphInput("x", type));
    String w = builder.freshConstant("w", weight);
    String b = builder.freshConstant("b", filled(TensorType.float32(outputs), -1));
    builder.output(builder.add(op, "y", "x", w, b));
    BinarizedGraph graph = new BinarizedGraph(builder.build(), Provenance.NONE);
    try (Device device = Devices.open("vector");
        Executable executable = device.compile(graph, new CompileOptions(16));
        Session session = executable.newSession()) {
      float[] found = session.run(x).toFloats();
      for (int i = 0; i < found.length; i++) {
        assertEquals(EXPECTED, found[i], "output " + i);
      }
    }
  }
}
