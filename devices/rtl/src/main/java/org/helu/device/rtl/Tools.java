package org.helu.device.rtl;

import java.nio.file.Path;
import java.util.List;
import org.helu.runtime.HeluException;
import org.helu.runtime.tool.Programs;

/** The programs that simulate and synthesize designs. */
public final class Tools {
  private Tools() {}

  /** Where a program lies, or null. */
  public static Path find(String program) {
    return Programs.find(program);
  }

  /** Runs a program to its end. */
  public static Programs.Result run(
      String stage, Path folder, long timeoutSeconds, List<String> command) {
    return Programs.run(stage, folder, timeoutSeconds, "choose a smaller folding", command);
  }

  /** As {@link #run}, and the program must end with 0. */
  public static String require(
      String stage, Path folder, long timeoutSeconds, List<String> command) {
    Programs.Result result = run(stage, folder, timeoutSeconds, command);
    if (result.code() != 0) {
      throw HeluException.of(
          HeluException.Kind.DEVICE_UNAVAILABLE,
          stage,
          command.getFirst() + " failed with code " + result.code() + ": " + result.error(),
          "report this with the network");
    }
    return result.output();
  }

  /** The first line of a program's version, or null where it is not there. */
  public static String version(String program, String option) {
    if (find(program) == null) {
      return null;
    }
    Programs.Result result = run("rtl/tools", null, 60, List.of(program, option));
    return result.output().lines().findFirst().orElse("unknown").strip();
  }
}
