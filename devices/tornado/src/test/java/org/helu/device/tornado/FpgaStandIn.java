package org.helu.device.tornado;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.helu.device.testkit.TestTools;

/**
 * PoCL's device as an FPGA, for processes of a test: a library that is loaded before OpenCL's gives
 * it another name and type, and scripts called like the vendors' compilers write PoCL's binaries.
 */
final class FpgaStandIn {
  private static final Path LIBRARY = Path.of("src/test/c/fpga_standin.c");

  /** Holds the scripts {@code aoc} and {@code v++}. */
  static final Path COMPILERS = Path.of("src/test/sh").toAbsolutePath();

  private final Path folder;
  private final Map<String, String> environment = new HashMap<>();
  private final List<String> properties = new ArrayList<>();

  private FpgaStandIn(Path folder) {
    this.folder = folder;
    environment.put("LD_PRELOAD", folder.resolve("libfpga_standin.so").toString());
    compilers(COMPILERS);
    properties.add("-Dhelu.fpga.cache=" + cache());
  }

  /** Skips the test, visibly, where something is missing that this needs. */
  static FpgaStandIn in(Path folder) throws IOException, InterruptedException {
    OpenClDevice.require();
    TestTools.require("gcc", "poclcc");
    String library = folder.resolve("libfpga_standin.so").toString();
    if (!Files.exists(Path.of(library))) {
      List<String> command =
          List.of("gcc", "-shared", "-fPIC", "-o", library, LIBRARY.toString(), "-ldl");
      Child.start(Map.of(), command).await();
    }
    return new FpgaStandIn(folder);
  }

  /** Where bitstreams are kept. */
  Path cache() {
    return folder.resolve("cache");
  }

  /** Puts a folder before all others on PATH. */
  FpgaStandIn compilers(Path first) {
    return with("PATH", first + File.pathSeparator + System.getenv("PATH"));
  }

  FpgaStandIn with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  FpgaStandIn set(String property, String value) {
    properties.add("-D" + property + "=" + value);
    return this;
  }

  /** What {@link FpgaProcess} prints. */
  List<String> run(String... commands) throws IOException, InterruptedException {
    List<String> flags = new ArrayList<>(Child.flags());
    flags.addAll(properties);
    String output =
        Child.start(environment, Child.java(flags, FpgaProcess.class, commands)).await();
    return output.lines().filter(line -> line.matches("[A-Z]{4,} .*")).toList();
  }
}
