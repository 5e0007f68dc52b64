package org.helu.device.tornado.fpga;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.helu.device.testkit.TestTools;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tool.Programs;

/**
 * Runs a kernel's source as plain C: gcc compiles it behind a header that takes OpenCL's words
 * away. Sanitizers end the program where it leaves an array or overflows.
 */
final class PlainC {
  private static final String STAGE = "test/plain-c";
  private static final long LIMIT_SECONDS = 300;

  private static final List<String> COMPILER =
      List.of(
          "gcc",
          "-std=gnu11",
          "-O1",
          "-w",
          "-fsigned-char", // as OpenCL's is
          "-ffp-contract=off",
          "-fsanitize=address,undefined",
          "-fno-sanitize-recover=all");

  private final FpgaKernel kernel;
  private final Path folder;

  /**
   * Compiles {@code kernel} in {@code folder}; skips the test where there is no gcc.
   *
   * @param options for gcc, such as the macros that a vendor's tool defines
   */
  PlainC(FpgaKernel kernel, Path folder, String... options) throws IOException {
    TestTools.require("gcc");
    this.kernel = kernel;
    this.folder = folder;
    Files.writeString(folder.resolve("kernel.cl"), kernel.source());
    for (String file : List.of("opencl.h", "driver.c")) {
      try (InputStream stream = PlainC.class.getResourceAsStream(file)) {
        Files.write(folder.resolve(file), stream.readAllBytes());
      }
    }
    int ports = kernel.inputs().size() + kernel.outputs().size() + 1;
    String arguments =
        IntStream.range(0, ports).mapToObj(i -> "a[" + i + "]").collect(Collectors.joining(","));
    List<String> command = new ArrayList<>(COMPILER);
    command.addAll(List.of(options));
    command.add("-DHELU_CALL(a)=" + kernel.entry() + "(0,0,0,0," + arguments + ")");
    command.addAll(List.of("driver.c", "-lm", "-o", "driver"));
    run(command);
  }

  /** Computes {@code samples} samples. */
  List<Tensor> run(List<Tensor> inputs, int samples) throws IOException {
    PortArrays ports = new PortArrays(kernel, inputs, samples);
    Path file = folder.resolve("arrays");
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    List<String> command = new ArrayList<>(List.of("./driver", file.toString()));
    for (byte[] array : ports.arrays()) {
      all.writeBytes(array);
      command.add(Integer.toString(array.length));
    }
    Files.write(file, all.toByteArray());
    run(command);
    byte[] written = Files.readAllBytes(file);
    List<byte[]> arrays = new ArrayList<>();
    int at = 0;
    for (byte[] array : ports.arrays()) {
      arrays.add(Arrays.copyOfRange(written, at, at + array.length));
      at += array.length;
    }
    return ports.outputs(arrays);
  }

  private void run(List<String> command) {
    Programs.Result result =
        Programs.run(STAGE, folder, LIMIT_SECONDS, "reduce the test's network", command);
    assertEquals(0, result.code(), () -> String.join(" ", command) + ": " + result.output());
  }
}
