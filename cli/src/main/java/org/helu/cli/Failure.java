package org.helu.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.helu.runtime.HeluException;

/**
 * An exception as the user sees it.
 *
 * @param kind category, see {@link HeluException.Kind}, or USAGE, MEMORY, INTERNAL
 * @param message one line
 * @param exitCode see {@link ExitCode}
 */
record Failure(String kind, String message, int exitCode) {
  /** Classifies {@code error}. */
  static Failure of(Throwable error) {
    return switch (error) {
      case HeluException e -> new Failure(e.kind().name(), e.getMessage(), ExitCode.of(e.kind()));
      case OutOfMemoryError e ->
          new Failure(
              "MEMORY",
              oneLine(
                  "out of memory ("
                      + e.getMessage()
                      + "); give fewer samples at a time, or more memory with"
                      + " HELU_JAVA_OPTS='-Xmx4g -XX:MaxDirectMemorySize=4g'"),
              ExitCode.IO);
      default ->
          new Failure(
              "INTERNAL",
              oneLine("internal error: " + error + "; run again with --debug and report it"),
              ExitCode.INTERNAL);
    };
  }

  /** The command line is wrong. */
  static Failure usage(String message) {
    return new Failure("USAGE", oneLine(message), ExitCode.USAGE);
  }

  /** {@code {"error": {"kind", "message", "exitCode"}}}. */
  ObjectNode toJson() {
    ObjectNode json = Json.object();
    json.putObject("error").put("kind", kind).put("message", message).put("exitCode", exitCode);
    return json;
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\p{Cntrl}+", " ");
  }
}
