package org.helu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.helu.runtime.HeluException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @TempDir Path folder;

  @Test
  void helpNamesEveryCommandAndExitCode() {
    String help = Cli.run("--help").expect(ExitCode.OK).out();
    for (String part : new String[] {"compile", "inspect", "run", "verify", "devices", "doctor"}) {
      assertTrue(help.contains("  " + part + " "), part);
    }
    assertTrue(help.contains("  70  "), help);
  }

  @ParameterizedTest
  @ValueSource(strings = {"compile", "inspect", "run", "verify", "devices", "doctor", "completion"})
  void everyCommandHasHelpAndJson(String command) {
    String help = Cli.run(command, "--help").expect(ExitCode.OK).out();
    assertTrue(help.startsWith("Usage: helu " + command), help);
    assertTrue(help.contains("--json"), help);
  }

  @Test
  void versionIsTheBuilds() {
    String version = Cli.run("--version").expect(ExitCode.OK).out();
    assertTrue(version.matches("(?s)helu \\d+\\.\\d+\\.\\d+\\S* \\(Java .*\\)\\s*"), version);
  }

  @Test
  void wrongCommandLinesAreUsageErrors() {
    Cli.run().expectError(ExitCode.USAGE, "name a command");
    Cli.run("fly").expectError(ExitCode.USAGE, "fly");
    Cli.run("run", "m.helu").expectError(ExitCode.USAGE, "--input", "helu run --help");
    Cli.run("run", "m.helu", "--input", "x.npy", "--threads", "many")
        .expectError(ExitCode.USAGE, "--threads");
  }

  @Test
  void errorsAreJsonTooWhenAsked() {
    Path missing = folder.resolve("missing.helu");
    Cli.Result result = Cli.run("inspect", missing, "--json").expect(ExitCode.IO);
    JsonNode error = result.json().get("error");
    assertEquals("IO", error.get("kind").textValue());
    assertEquals(ExitCode.IO, error.get("exitCode").intValue());
    assertEquals("helu: " + error.get("message").textValue(), result.err().strip());

    Cli.Result usage = Cli.run("run", "--json").expect(ExitCode.USAGE);
    assertEquals("USAGE", usage.json().get("error").get("kind").textValue());
  }

  @Test
  void debugPrintsTheStackTrace() {
    Path missing = folder.resolve("missing.helu");
    String plain = Cli.run("inspect", missing).err();
    String debug = Cli.run("inspect", missing, "--debug").expect(ExitCode.IO).err();
    assertFalse(plain.contains("\tat "), plain);
    assertTrue(debug.contains("\tat "), debug);
    assertTrue(debug.endsWith(plain), debug);
  }

  @Test
  void everyKindOfFailureHasItsExitCode() {
    assertEquals(3, Failure.of(HeluException.invalid("a", "b", "c")).exitCode());
    assertEquals(3, Failure.of(HeluException.unsupported("a", "b", "c")).exitCode());
    assertEquals(5, Failure.of(HeluException.io("a", "b", "c", null)).exitCode());
    assertEquals(
        4,
        Failure.of(HeluException.of(HeluException.Kind.DEVICE_UNAVAILABLE, "a", "b", ""))
            .exitCode());
    assertEquals(5, Failure.of(new OutOfMemoryError("heap")).exitCode());
    Failure bug = Failure.of(new IllegalStateException("first\nsecond"));
    assertEquals(70, bug.exitCode());
    assertEquals(1, bug.message().lines().count());
    assertTrue(bug.message().contains("--debug"), bug.message());
  }
}
