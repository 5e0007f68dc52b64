package org.helu.device.testkit;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import org.helu.runtime.tool.Programs;
import org.junit.jupiter.api.Assumptions;

/** External programs that tests need: skipped without them, or failed where they are required. */
public final class TestTools {
  private TestTools() {}

  /** {@code -Dhelu.longTests=true} runs what takes minutes. */
  public static void requireLong() {
    Assumptions.assumeTrue(Boolean.getBoolean("helu.longTests"), "needs -Dhelu.longTests=true");
  }

  /** {@code -Dhelu.requireTools=yosys,…} makes a missing program a failure. */
  public static void require(String... programs) {
    String required = System.getProperty("helu.requireTools", "");
    for (String program : programs) {
      if (Programs.find(program) == null) {
        String message = program + " is not on PATH; see CONTRIBUTING.md";
        if (Arrays.asList(required.split(",")).contains(program)) {
          fail(message);
        }
        Assumptions.abort(message);
      }
    }
  }
}
