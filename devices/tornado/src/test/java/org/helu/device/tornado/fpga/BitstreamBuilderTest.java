package org.helu.device.tornado.fpga;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.helu.device.testkit.IntegerNetworks;
import org.helu.device.testkit.Networks;
import org.helu.device.testkit.TestTools;
import org.helu.device.tornado.fpga.BitstreamBuilder.Job;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.AheadOfTimeCompiler;
import org.helu.runtime.device.AheadOfTimeCompiler.Artifact;
import org.helu.runtime.device.AheadOfTimeCompiler.Request;
import org.helu.runtime.graph.BinarizedGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the vendors' compilers are called with, what is kept of it, and what goes wrong. */
class BitstreamBuilderTest {
  private static final BinarizedGraph NETWORK = IntegerNetworks.binaryMlp(20, 33, 10);
  private static final String ENTRY = FpgaKernel.of(NETWORK).entry();

  @TempDir Path folder;

  private static Artifact build(Request request) {
    return new FpgaCompiler().build(NETWORK, request);
  }

  private Request request(String board, String mode, Path compiler) {
    return new Request(board, mode, compiler, false, folder.resolve("kept"));
  }

  private void refused(Request request, HeluException.Kind kind, String... parts) {
    HeluException error = assertThrows(HeluException.class, () -> build(request));
    assertEquals(kind, error.kind(), error.getMessage());
    assertEquals(1, error.getMessage().lines().count(), error.getMessage());
    for (String part : parts) {
      assertTrue(error.getMessage().contains(part), part + " in " + error.getMessage());
    }
  }

  private Path compiler(String script) throws IOException {
    Path file = Files.writeString(folder.resolve("compiler"), "#!/bin/sh\n" + script + "\n");
    assertTrue(file.toFile().setExecutable(true));
    return file;
  }

  /** Names below the folder of bitstreams, hidden ones included. */
  private List<String> kept() throws IOException {
    Path root = folder.resolve("kept");
    if (!Files.exists(root)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(Files::isRegularFile).map(f -> f.getFileName().toString()).toList();
    }
  }

  private static List<String> commands(Board board, boolean emulation) {
    Job job = new Job(new FpgaTarget(board, emulation), "compiler", Path.of("/f"), "k");
    return board.toolchain().commands(job).stream().map(words -> String.join(" ", words)).toList();
  }

  @Test
  void compilersAreCalledAsTornadoCallsThem() {
    assertEquals(
        List.of("compiler /f/k.cl -report -board=p385a_sch_ax115 -o /f/k"),
        commands(Board.ARRIA_10, false));
    assertEquals(
        List.of("compiler /f/k.cl -report -march=emulator -o /f/k"),
        commands(Board.STRATIX_10, true));
    assertEquals(
        List.of("compiler --input=/f/k.cl --device=fpga_fast_emu --cmd=build --ir=/f/k.aocx"),
        commands(Board.ONEAPI_EMULATOR, true));
    String common =
        "compiler -t %s --platform xilinx_u50_gen3x16_xdma_201920_3 -g"
            + " --report_dir /f/reports --log_dir /f/logs";
    assertEquals(
        List.of(
            common.formatted("hw") + " -c -k k -o /f/k.xo /f/k.cl",
            common.formatted("hw") + " -l -O3 -j12 -o /f/k.xclbin /f/k.xo"),
        commands(Board.ALVEO_U50, false));
    assertTrue(commands(Board.ALVEO_U50, true).getFirst().startsWith(common.formatted("sw_emu")));
  }

  @Test
  void configurationsNameBoardCompilerAndFolder() {
    assertEquals(
        List.of(
            "DEVICE_NAME = xilinx_kcu1500_dynamic_5_0",
            "COMPILER = xocc",
            "FLAGS = -O3 -j12",
            "DIRECTORY_BITSTREAM = /f/g/"),
        DeviceConfiguration.text(Board.KCU1500, "xocc", Path.of("/f/g")).lines().skip(1).toList());
    for (String place : List.of("/f g", "/f=g")) {
      HeluException error =
          assertThrows(
              HeluException.class,
              () -> DeviceConfiguration.text(Board.ARRIA_10, "aoc", Path.of(place)));
      assertTrue(error.getMessage().contains("folder '" + place + "'"), error.getMessage());
    }
  }

  @Test
  void boardsAreRecognizedByTheirNames() {
    String intel = "Intel(R) FPGA SDK for OpenCL(TM)";
    assertEquals(Board.STRATIX_10, Board.of("s10gx : s10_ref (acl0)", intel).orElseThrow());
    assertEquals(
        Board.ONEAPI_EMULATOR,
        Board.of(
                "Intel(R) FPGA Emulation Device", "Intel(R) FPGA Emulation Platform for OpenCL(TM)")
            .orElseThrow());
    assertTrue(Board.of("EmulatorDevice : Emulated Device", intel).isEmpty());
  }

  @Test
  void bitstreamsAreKeptByTargetAndHash() throws IOException {
    TestTools.require("poclcc");
    Path aoc = Path.of("src/test/sh/aoc");
    Artifact built = build(request("arria10", null, aoc));
    assertFalse(built.found());
    assertEquals(64, built.hash().length());
    assertEquals(
        folder.resolve("kept/arria10").resolve(built.hash()).toAbsolutePath(), built.folder());
    assertEquals(FpgaKernel.of(NETWORK).source(), Files.readString(built.source()));
    assertTrue(Files.size(built.binary()) > 1000);
    assertEquals("stand-in for aoc, poclcc", built.version());
    assertTrue(built.estimate().clocksPerSample() > 0);
    List<String> before = kept();
    // Found, the compiler is not even looked for.
    assertTrue(build(request("arria10", null, Path.of("/nonexistent"))).found());
    assertEquals(before, kept());
    Artifact emulated = build(request("arria10", "emulation", aoc));
    assertFalse(emulated.found());
    assertEquals(built.hash(), emulated.hash());
    assertTrue(emulated.folder().toString().contains("arria10-emulation"));
    assertTrue(kept().stream().noneMatch(name -> name.startsWith(".")), kept().toString());
  }

  @Test
  void failingCompilersLeaveNothingButTheirLog() throws IOException {
    refused(
        request("stratix10", null, compiler("echo; echo 'Error: no licence'; exit 3")),
        HeluException.Kind.DEVICE_UNAVAILABLE,
        "ended with code 3: Error: no licence",
        "its output is in ");
    assertEquals(List.of(BitstreamStore.hash(FpgaKernel.of(NETWORK)) + ".log"), kept());
  }

  @Test
  void compilersThatWriteNothingAreNotBelieved() throws IOException {
    refused(
        request("kcu1500", null, compiler("exit 0")),
        HeluException.Kind.DEVICE_UNAVAILABLE,
        "wrote no " + ENTRY + ".xclbin");
    assertEquals(List.of(), kept());
  }

  @Test
  void whatIsMissingOrUnknownIsNamed() throws IOException {
    HeluException.Kind invalid = HeluException.Kind.INVALID_INPUT;
    refused(request("arria", null, null), invalid, "no board 'arria'", "arria10", "alveo-u50");
    refused(request("arria10", "fast", null), invalid, "no mode 'fast'", "full-jit");
    refused(request("arria10", "full-jit", null), invalid, "helu.fpga.mode=full-jit");
    refused(request("oneapi-emulator", "ahead-of-time", null), invalid, "leave --mode out");
    HeluException.Kind unavailable = HeluException.Kind.DEVICE_UNAVAILABLE;
    refused(request("kcu1500", null, null), unavailable, "xocc is not on PATH", "--compiler");
    refused(request("kcu1500", null, folder), unavailable, "is no program that can be run");
    assertEquals(List.of(), kept());
  }

  @Test
  void networksWithoutCodeAreRefusedNodeByNode() throws IOException {
    Request request = request("arria10", null, null);
    HeluException error =
        assertThrows(
            HeluException.class, () -> new FpgaCompiler().build(Networks.resnet8(), request));
    assertEquals(HeluException.Kind.UNSUPPORTED, error.kind());
    assertTrue(error.getMessage().contains("Softmax"), error.getMessage());
    assertEquals(List.of(), kept());
  }

  @Test
  void sourcesAreWrittenWithoutAnyTool() throws IOException {
    Path place = folder.resolve("source");
    AheadOfTimeCompiler compiler = new FpgaCompiler();
    for (int i = 0; i < 2; i++) { // the second one replaces the first
      Artifact written = compiler.build(NETWORK, new Request("alveo-u50", null, null, true, place));
      assertEquals(null, written.binary());
      assertEquals(FpgaKernel.of(NETWORK).source(), Files.readString(written.source()));
    }
    String configuration = Files.readString(place.resolve(DeviceConfiguration.FILE));
    assertTrue(configuration.contains("DIRECTORY_BITSTREAM = " + place.toAbsolutePath() + "/"));
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(other.resolve("mine"), "kept");
    refused(
        new Request("alveo-u50", null, null, true, other),
        HeluException.Kind.INVALID_INPUT,
        "holds no source of a kernel");
    assertEquals("kept", Files.readString(other.resolve("mine")));
  }
}
