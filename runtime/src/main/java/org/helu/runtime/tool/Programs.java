package org.helu.runtime.tool;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.helu.runtime.HeluException;

/** External programs: found on PATH, run with their output kept. */
public final class Programs {
  private static final int SHOWN_CHARACTERS = 300;

  private Programs() {}

  /** Where a program lies, or null. */
  public static Path find(String program) {
    String path = System.getenv("PATH");
    for (String folder : path == null ? new String[0] : path.split(File.pathSeparator)) {
      if (!folder.isEmpty()) {
        Path candidate = Path.of(folder, program);
        if (isExecutable(candidate)) {
          return candidate;
        }
      }
    }
    return null;
  }

  /** Whether {@code file} is a program that this user may run. */
  public static boolean isExecutable(Path file) {
    return Files.isExecutable(file) && !Files.isDirectory(file);
  }

  /**
   * A finished program.
   *
   * @param code its exit code
   * @param output what it wrote to both of its outputs
   */
  public record Result(int code, String output) {
    /** The line that says what went wrong, shortened. */
    public String error() {
      List<String> lines = output.lines().filter(l -> !l.isBlank()).map(String::strip).toList();
      String line =
          lines.stream()
              .filter(l -> l.contains("rror"))
              .findFirst()
              .orElse(lines.isEmpty() ? "no message" : lines.getLast());
      return line.length() > SHOWN_CHARACTERS ? line.substring(0, SHOWN_CHARACTERS) : line;
    }
  }

  /**
   * Runs a program to its end.
   *
   * @param stage the stage that an error message starts with
   * @param folder its working directory; null for this process's own
   * @param remedy what to do where it takes too long
   * @throws HeluException if it cannot be started or takes longer than the time given
   */
  public static Result run(
      String stage, Path folder, long timeoutSeconds, String remedy, List<String> command) {
    Path log = null;
    try {
      log = Files.createTempFile("helu-tool", ".log");
      return run(stage, folder, timeoutSeconds, remedy, command, log);
    } catch (IOException e) {
      throw HeluException.io(stage, "no temporary file: " + e.getMessage(), "", e);
    } finally {
      if (log != null) {
        log.toFile().delete();
      }
    }
  }

  /**
   * As {@link #run(String, Path, long, String, List)}.
   *
   * @param log a file that takes what the program prints, while it prints it
   */
  public static Result run(
      String stage,
      Path folder,
      long timeoutSeconds,
      String remedy,
      List<String> command,
      Path log) {
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(folder == null ? null : folder.toFile())
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .redirectOutput(log.toFile())
              .start();
      if (!process.waitFor(timeoutSeconds, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
        throw HeluException.of(
            HeluException.Kind.DEVICE_UNAVAILABLE,
            stage,
            command.getFirst() + " did not finish within " + timeoutSeconds + " s",
            remedy);
      }
      byte[] text = Files.readAllBytes(log);
      return new Result(process.exitValue(), new String(text, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw HeluException.io(
          stage, "cannot run " + command.getFirst() + ": " + e.getMessage(), "", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw HeluException.io(stage, "interrupted", "", e);
    }
  }
}
