package org.helu.device.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.helu.runtime.device.Availability;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The device {@code fpga} on PoCL in an FPGA's clothes: detection, ahead-of-time, full-JIT and
 * emulation mode through TornadoVM's own FPGA flow. Synthesis is not looked at.
 */
class FpgaDeviceTest {
  private static final String BUILD = "build mlp arria10 ahead-of-time";

  @TempDir Path folder;
  private FpgaStandIn fpga;

  @BeforeEach
  void preload() throws Exception {
    fpga = FpgaStandIn.in(folder);
  }

  @Test
  void anFpgaIsNoOpenClDevice() throws Exception {
    List<String> devices = fpga.run("devices");
    assertOne(devices, "DEVICE fpga 1: p385a_sch_ax115 : nalla_pcie");
    assertOne(devices, "NONE opencl: TornadoVM sees no opencl device; ");
  }

  @Test
  void aCpuIsNoFpga() {
    if (new TornadoDeviceProvider.Fpga().probe()
        instanceof Availability.Unavailable(String reason, String remedy)) {
      assertEquals("TornadoVM sees no FPGA among OpenCL's devices", reason);
      assertTrue(remedy.contains("`clinfo -l` must list it"), remedy);
    }
  }

  @Test
  void aBitstreamIsBuiltOnceAndFoundByTheNetworksHash() throws Exception {
    List<String> lines =
        fpga.run("run mlp", BUILD, "run mlp", BUILD, "run layers", "observe mlp", "run mlp");
    String missing = "REFUSED NOT_BUILT device/fpga: no bitstream of 'mlp-w1a1' for arria10 in '";
    assertTrue(lines.getFirst().startsWith(missing + fpga.cache() + "' (hash "), lines.getFirst());
    String remedy = "build it: ./helu fpga build MODEL --board arria10 -o " + fpga.cache();
    assertTrue(lines.getFirst().endsWith(remedy), lines.getFirst());
    assertTrue(lines.get(1).startsWith("BUILT " + fpga.cache() + "/arria10/"), lines.get(1));
    assertRan(lines.subList(2, 7), "mlp-w1a1", "bitstreams for arria10, ahead-of-time");
    assertEquals(lines.get(1).replace("BUILT", "FOUND"), lines.get(7));
    assertTrue(lines.get(8).startsWith("REFUSED NOT_BUILT "), "another network: " + lines.get(8));
    String inside = "REFUSED UNSUPPORTED device/fpga: the values between the layers of a bitstream";
    assertTrue(lines.get(9).startsWith(inside), lines.get(9));
    assertRan(lines.subList(10, 15), "mlp-w1a1", "arria10");
    assertEquals(15, lines.size(), lines.toString());
  }

  @Test
  void convolutionsRunTooAndNetworksFollowEachOther() throws Exception {
    List<String> lines =
        fpga.run(
            "build cnn arria10 ahead-of-time",
            "build layers arria10 ahead-of-time",
            "run cnn",
            "both cnn layers");
    assertRan(lines.subList(2, 7), "cnn-w1a1", "arria10");
    assertEquals("EQUAL cnn-w1a1 2", lines.get(7), lines.toString());
    assertRan(lines.subList(8, 13), "layers-w1a1", "arria10");
    assertEquals("EQUAL cnn-w1a1 2", lines.get(13), lines.toString());
  }

  @Test
  void tornadoCallsTheCompilerInFullJitModeOnly() throws Exception {
    List<String> lines =
        fpga.set("helu.fpga.mode", "full-jit").run("run mlp", "run layers", "run mlp", BUILD);
    assertRan(lines.subList(0, 5), "mlp-w1a1", "bitstreams for arria10, full-jit");
    assertRan(lines.subList(5, 10), "layers-w1a1", "full-jit");
    assertRan(lines.subList(10, 15), "mlp-w1a1", "full-jit");
    assertTrue(lines.get(15).startsWith("FOUND "), "what was compiled is kept: " + lines);
    assertNothingHidden();
    lines = FpgaStandIn.in(folder).run("run mlp");
    assertRan(lines, "mlp-w1a1", "ahead-of-time");
  }

  /** The emulator of {@code aoc} has a name of its own, so the board must be named. */
  @Test
  void theEmulatorCompilesWhatItNeeds() throws Exception {
    fpga.with("HELU_STANDIN_DEVICE", "EmulatorDevice : Emulated Device");
    fpga.with("CL_CONTEXT_EMULATOR_DEVICE_INTELFPGA", "1");
    assertOne(
        fpga.run("devices"), "NONE fpga: no board profile matches the device 'EmulatorDevice");
    List<String> lines = fpga.set("helu.fpga.board", "stratix10").run("run mlp");
    assertRan(lines, "mlp-w1a1", "bitstreams for stratix10-emulation, emulation");
    assertOne(calls("-march=emulator"), "Command: [aoc, ");
  }

  @Test
  void xilinxLinksWhatItCompiles() throws Exception {
    String name = "xilinx_u50_gen3x16_xdma_201920_3";
    fpga.with("HELU_STANDIN_PLATFORM", "Xilinx").with("HELU_STANDIN_VENDOR", "Xilinx");
    fpga.with("HELU_STANDIN_DEVICE", name);
    List<String> lines = fpga.run("build mlp alveo-u50 ahead-of-time", "run mlp", "large mlp");
    assertTrue(lines.getFirst().startsWith("BUILT "), lines.toString());
    assertRan(lines.subList(1, 6), "mlp-w1a1", "bitstreams for alveo-u50, ahead-of-time");
    // 2^20 samples of 40 and 10 numbers, against the board's documented 64 MiB.
    assertOne(lines.subList(6, 7), "REFUSED DEVICE_UNAVAILABLE ", "the device has 67,108,864, ");
    lines = fpga.set("helu.fpga.mode", "full-jit").run("run layers");
    assertRan(lines, "layers-w1a1", "bitstreams for alveo-u50, full-jit");
    assertOne(calls("-c, "), "Command: [v++, ", "-t, hw, ", "--platform, " + name);
    assertOne(calls("-l, "), "Command: [v++, ", "-t, hw, ", "-O3, -j12, ");
  }

  @Test
  void bitstreamsOfOtherBoardsAreNotTaken() throws Exception {
    fpga.run(BUILD);
    List<String> lines = fpga.with("HELU_STANDIN_DEVICE", "s10gx : s10_ref (acl0)").run("run mlp");
    assertOne(lines, "REFUSED NOT_BUILT ", "for stratix10 in", "found for arria10");
    lines = fpga.set("helu.fpga.board", "arria10").run("run mlp");
    assertOne(lines, "REFUSED INVALID_INPUT ", "helu.fpga.board is arria10", "is stratix10");
  }

  @Test
  void damagedBitstreamsAreNotHandedToTheDriver() throws Exception {
    Path binary = Path.of(fpga.run(BUILD).getFirst().substring("BUILT ".length()));
    byte[] bytes = Files.readAllBytes(binary);
    bytes[bytes.length / 2] ^= 1;
    Files.write(binary, bytes);
    List<String> lines = fpga.run("run mlp", BUILD);
    assertOne(lines.subList(0, 1), "REFUSED INVALID_INPUT device/fpga: '", "is damaged");
    assertOne(lines.subList(1, 2), "REFUSED INVALID_INPUT fpga/build: '", "is damaged");
  }

  @Test
  void aCompilerThatFailsLeavesNothingBehind() throws Exception {
    compiler("echo 'Error: no licence for Quartus' >&2; exit 1");
    List<String> lines = fpga.compilers(folder).set("helu.fpga.mode", "full-jit").run("run mlp");
    assertOne(
        lines, "REFUSED DEVICE_UNAVAILABLE device/fpga: aoc made no bitstream: Error: no lic");
    assertNothingHidden();
    assertEquals(List.of(), files(fpga.cache()));
  }

  @Test
  void aMissingCompilerIsNamed() throws Exception {
    fpga.with("PATH", "/usr/bin:/bin").set("helu.fpga.mode", "full-jit");
    assertOne(fpga.run("run mlp"), "REFUSED DEVICE_UNAVAILABLE ", "aoc is not on PATH");
    assertEquals(List.of(), files(fpga.cache()));
  }

  @Test
  void oneApiInTheEnvironmentWantsQuartus() throws Exception {
    fpga.with("ONEAPI_ROOT", "/opt/intel").set("helu.fpga.mode", "full-jit");
    assertOne(fpga.run("run mlp"), "REFUSED DEVICE_UNAVAILABLE ", "wants QUARTUS_ROOT_DIR");
    List<String> lines = fpga.with("QUARTUS_ROOT_DIR", "/opt/quartus").run("run mlp");
    assertRan(lines, "mlp-w1a1", "full-jit");
  }

  private void compiler(String script) throws IOException {
    Path file = Files.writeString(folder.resolve("aoc"), "#!/bin/sh\n" + script + "\n");
    assertTrue(file.toFile().setExecutable(true));
  }

  private static void assertOne(List<String> lines, String start, String... parts) {
    List<String> found = lines.stream().filter(line -> line.startsWith(start)).toList();
    assertEquals(1, found.size(), start + " in " + lines);
    for (String part : parts) {
      assertTrue(found.getFirst().contains(part), part + " in " + found);
    }
  }

  /** The five lines of a run. */
  private static void assertRan(List<String> lines, String network, String description) {
    assertEquals(5, lines.size(), lines.toString());
    assertTrue(lines.getFirst().startsWith("OPENED fpga "), lines.toString());
    assertTrue(lines.getFirst().contains(description), lines.toString());
    String equal = "EQUAL " + network + " ";
    assertEquals(List.of(equal + 3, equal + 1, equal + 8, "STEPS 1"), lines.subList(1, 5));
  }

  /** What TornadoVM wrote down of its calls of compilers. */
  private List<String> calls(String part) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path file : files(fpga.cache())) {
      if (file.endsWith("outputFPGA.log")) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return lines.stream().filter(line -> line.contains(part)).toList();
  }

  private void assertNothingHidden() throws IOException {
    assertTrue(
        files(fpga.cache()).stream()
            .noneMatch(file -> fpga.cache().relativize(file).toString().contains("/.")),
        files(fpga.cache()).toString());
  }

  private static List<Path> files(Path root) throws IOException {
    if (!Files.exists(root)) {
      return List.of();
    }
    try (Stream<Path> found = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
      return found.filter(Files::isRegularFile).toList();
    }
  }
}
