package org.helu.device.tornado.fpga;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tool.Programs;

/**
 * Runs a kernel in Oclgrind, which looks at every access: outside of arrays, of values that were
 * never written, of two work-items at once.
 */
final class OclgrindRun {
  private static final String STAGE = "test/oclgrind";
  private static final long LIMIT_SECONDS = 300;

  /** A line of an argument that is shown, such as {@code out0[3] = -17}. */
  private static final Pattern SHOWN = Pattern.compile("^\\s*\\w+\\[(\\d+)] = (-?\\d+)$");

  private static final Pattern HEADING = Pattern.compile("^Argument '(\\w+)': \\d+ bytes$");

  private final PortArrays ports;
  private final FpgaKernel kernel;
  private final List<String> complaints = new ArrayList<>();
  private final List<byte[]> written = new ArrayList<>();

  private OclgrindRun(FpgaKernel kernel, PortArrays ports) {
    this.kernel = kernel;
    this.ports = ports;
  }

  /** Computes {@code samples} samples of {@code source}, which takes the kernel's arguments. */
  static OclgrindRun of(
      FpgaKernel kernel, String source, List<Tensor> inputs, int samples, Path folder)
      throws IOException {
    OclgrindRun run = new OclgrindRun(kernel, new PortArrays(kernel, inputs, samples));
    Files.writeString(folder.resolve("kernel.cl"), source);
    Files.writeString(folder.resolve("kernel.sim"), run.description());
    run.read(
        Programs.run(
                STAGE,
                folder,
                LIMIT_SECONDS,
                "reduce the test's network",
                List.of(
                    "oclgrind-kernel",
                    "--data-races",
                    "--uninitialized",
                    // With optimization, restrict becomes an intrinsic that Oclgrind 21.10 lacks.
                    "--build-options",
                    "-cl-opt-disable",
                    "kernel.sim"))
            .output());
    return run;
  }

  /** Everything that Oclgrind said beside the results. */
  List<String> complaints() {
    return complaints;
  }

  List<Tensor> outputs() {
    return ports.outputs(written);
  }

  /** Oclgrind's file: the kernel, its sizes, its arguments. */
  private String description() {
    StringBuilder text =
        new StringBuilder("kernel.cl\n%s\n1 1 1\n1 1 1\n".formatted(kernel.entry()));
    // What TornadoVM adds: three buffers, and local memory before the last of them.
    text.append("<size=8 fill=0>\n<size=8 fill=0>\n<size=8>\n<size=8 fill=0>\n");
    int inputs = kernel.inputs().size();
    int outputs = kernel.outputs().size();
    for (int i = 0; i < ports.arrays().size(); i++) {
      byte[] array = ports.arrays().get(i);
      boolean isOutput = i >= inputs && i < inputs + outputs;
      text.append("<size=%d int%s>\n".formatted(array.length, isOutput ? " dump" : ""));
      for (int at = 0; at < array.length; at += Integer.BYTES) {
        text.append(PortArrays.buffer(array).getInt(at)).append(' ');
      }
      text.append('\n');
    }
    return text.toString();
  }

  private void read(String output) {
    for (byte[] array : ports.arrays()) {
      written.add(array.clone());
    }
    int current = kernel.inputs().size() - 1;
    for (String line : output.lines().toList()) {
      Matcher shown = SHOWN.matcher(line);
      if (HEADING.matcher(line.strip()).matches()) {
        current++;
      } else if (shown.matches()) {
        int at = Integer.parseInt(shown.group(1)) * Integer.BYTES;
        PortArrays.buffer(written.get(current)).putInt(at, Integer.parseInt(shown.group(2)));
      } else if (!line.isBlank()) {
        complaints.add(line.strip());
      }
    }
  }
}
