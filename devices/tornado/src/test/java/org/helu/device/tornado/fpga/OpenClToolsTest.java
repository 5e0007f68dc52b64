package org.helu.device.tornado.fpga;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.helu.device.testkit.Fill;
import org.helu.device.testkit.IntegerNetworks;
import org.helu.device.testkit.OpCases;
import org.helu.device.testkit.TestTools;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tool.Programs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Generated sources in two OpenCL implementations: PoCL's compiler and Oclgrind's checks. */
class OpenClToolsTest {
  @TempDir Path folder;

  static List<BinarizedGraph> networks() {
    List<BinarizedGraph> networks = new ArrayList<>();
    networks.add(IntegerNetworks.binaryMlp(20, 65, 70, 5));
    networks.add(IntegerNetworks.binaryLayers(33, 129, 7));
    // Seeds of small networks: Oclgrind takes a minute for a million products.
    LongStream.of(0, 43, 49).mapToObj(IntegerNetworks::random).forEach(networks::add);
    networks.add(residual());
    return networks;
  }

  private static BinarizedGraph residual() {
    return OpCases.all().stream()
        .filter(opCase -> opCase.name().startsWith("IntegerConv2d") && opCase.name().endsWith("+x"))
        .findFirst()
        .orElseThrow()
        .graph();
  }

  @ParameterizedTest
  @MethodSource("networks")
  void oclgrindHasNothingToSay(BinarizedGraph graph) throws IOException {
    TestTools.require("oclgrind-kernel");
    FpgaKernel kernel = FpgaKernel.of(graph, 1 << 8);
    List<Tensor> inputs = inputs(graph, 2);
    OclgrindRun run = OclgrindRun.of(kernel, kernel.source(), inputs, 2, folder);
    assertEquals(List.of(), run.complaints(), graph.graph().toString());
    Kernels.requireEqual(graph, inputs, run.outputs());
  }

  /** Each of them a mistake that a generator could make. */
  @Test
  void oclgrindFindsMistakes() throws IOException {
    TestTools.require("oclgrind-kernel");
    BinarizedGraph graph = IntegerNetworks.binaryMlp(9, 4, 3);
    FpgaKernel kernel = FpgaKernel.of(graph, 1);
    List<Tensor> inputs = inputs(graph, 1);
    for (String[] mistake :
        new String[][] {
          {"    helu0(x0, y0);\n", "", "Uninitialized"},
          {"lane < 9", "lane < 99", "Invalid read"},
          {"[n * 3 + lane] =", "[n * 3 + lane + 9] =", "Invalid write"}
        }) {
      assertTrue(kernel.source().contains(mistake[0]), kernel.source());
      String wrong = kernel.source().replace(mistake[0], mistake[1]);
      OclgrindRun run = OclgrindRun.of(kernel, wrong, inputs, 1, folder);
      assertTrue(
          run.complaints().stream().anyMatch(line -> line.contains(mistake[2])),
          mistake[2] + ": " + run.complaints());
    }
  }

  @Test
  void poclCompilesNetworks() throws IOException {
    TestTools.require("poclcc");
    for (BinarizedGraph graph :
        List.of(IntegerNetworks.binaryMlp(784, 256, 10), IntegerNetworks.int8Cnn())) {
      Programs.Result result = poclcc(FpgaKernel.of(graph).source());
      assertEquals(0, result.code(), graph.name() + ": " + result.output());
      assertTrue(Files.size(folder.resolve("kernel.bin")) > 1000);
      assertEquals("", result.output().strip(), graph.name());
    }
    assertNotEquals(0, poclcc("__kernel void heluNetwork() { undeclared = 1; }").code());
  }

  private Programs.Result poclcc(String source) throws IOException {
    Files.writeString(folder.resolve("kernel.cl"), source);
    Files.deleteIfExists(folder.resolve("kernel.bin"));
    List<String> command = List.of("poclcc", "-o", "kernel.bin", "kernel.cl");
    return Programs.run("test/poclcc", folder, 300, "reduce the test's network", command);
  }

  private static List<Tensor> inputs(BinarizedGraph graph, int samples) {
    SplittableRandom random = new SplittableRandom(5);
    List<Tensor> inputs = new ArrayList<>();
    graph
        .graph()
        .inputs()
        .forEach(in -> inputs.add(Fill.UNIFORM.tensor(in.type().withBatch(samples), random)));
    return inputs;
  }
}
