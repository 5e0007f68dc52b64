package org.helu.device.rtl;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.helu.runtime.HeluException;

/** External programs: found on PATH, run with their output kept. */
public final class Tools {
  private static final int SHOWN_CHARACTERS = 300;

  private Tools() {}

  /** Where a program lies, or null. */
  public static Path find(String program) {
    String path = System.getenv("PATH");
    for (String folder : path == null ? new String[0] : path.split(java.io.File.pathSeparator)) {
      if (!folder.isEmpty()) {
        Path candidate = Path.of(folder, program);
        if (Files.isExecutable(candidate) && !Files.isDirectory(candidate)) {
          return candidate;
        }
      }
    }
    return null;
  }

  /**
   * A finished program.
   *
   * @param code its exit code
   * @param output what it wrote to both of its outputs
   */
  public record Result(int code, String output) {}

  /** Runs a program to its end. */
  public static Result run(String stage, Path folder, long timeoutSeconds, List<String> command) {
    Path log = null;
    try {
      log = Files.createTempFile("helu-tool", ".log");
      Process process =
          new ProcessBuilder(command)
              .directory(folder == null ? null : folder.toFile())
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(log.toFile())
              .start();
      if (!process.waitFor(timeoutSeconds, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
        throw HeluException.of(
            HeluException.Kind.DEVICE_UNAVAILABLE,
            stage,
            command.getFirst() + " did not finish within " + timeoutSeconds + " s",
            "choose a smaller folding");
      }
      byte[] text = Files.readAllBytes(log);
      return new Result(process.exitValue(), new String(text, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw HeluException.io(
          stage, "cannot run " + command.getFirst() + ": " + e.getMessage(), "", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw HeluException.io(stage, "interrupted", "", e);
    } finally {
      if (log != null) {
        log.toFile().delete();
      }
    }
  }

  /** As {@link #run}, and the program must end with 0. */
  public static String require(
      String stage, Path folder, long timeoutSeconds, List<String> command) {
    Result result = run(stage, folder, timeoutSeconds, command);
    if (result.code() != 0) {
      throw HeluException.of(
          HeluException.Kind.DEVICE_UNAVAILABLE,
          stage,
          command.getFirst() + " failed with code " + result.code() + ": " + first(result.output()),
          "report this with the network");
    }
    return result.output();
  }

  /** The first line of a program's version, or null where it is not there. */
  public static String version(String program, String option) {
    if (find(program) == null) {
      return null;
    }
    Result result = run("rtl/tools", null, 60, List.of(program, option));
    return result.output().lines().findFirst().orElse("unknown").strip();
  }

  /** The line that says what went wrong, shortened. */
  private static String first(String output) {
    List<String> lines = new ArrayList<>(output.lines().filter(l -> !l.isBlank()).toList());
    String line =
        lines.stream()
            .filter(l -> l.contains("rror"))
            .findFirst()
            .orElse(lines.isEmpty() ? "no message" : lines.getLast());
    return line.length() > SHOWN_CHARACTERS ? line.substring(0, SHOWN_CHARACTERS) : line;
  }
}
