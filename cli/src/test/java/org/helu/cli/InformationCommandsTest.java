package org.helu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InformationCommandsTest {
  @TempDir Path folder;

  @Test
  void devicesAreListed() {
    JsonNode devices = Cli.run("devices", "--json").expect(ExitCode.OK).json().get("devices");
    List<String> names = new ArrayList<>();
    devices.forEach(device -> names.add(device.get("name").textValue()));
    assertTrue(names.contains("reference"), names.toString());
    String text = Cli.run("devices").expect(ExitCode.OK).out();
    assertEquals(1 + names.size(), text.lines().count(), text);
  }

  @Test
  void doctorChecksWhatTheTestsRunOn() {
    JsonNode json = Cli.run("doctor", "--json").expect(ExitCode.OK).json();
    assertTrue(json.get("healthy").booleanValue());
    JsonNode java = json.get("checks").get(0);
    assertEquals("java", java.get("name").textValue());
    assertEquals("ok", java.get("status").textValue());
    String text = Cli.run("doctor").expect(ExitCode.OK).out();
    assertTrue(text.contains("vector module"), text);
  }

  @Test
  void completionScriptKnowsTheOptions() throws IOException, InterruptedException {
    String script = Cli.run("completion").expect(ExitCode.OK).out();
    assertTrue(script.contains("--input-range"), "an option of compile");
    assertTrue(script.contains("complete -F _complete_helu"), "the registration");
    assertEquals(script, Cli.run("completion", "--json").json().get("script").textValue());
    Path bash = Path.of("/bin/bash");
    if (Files.isExecutable(bash)) {
      Path file = Files.writeString(folder.resolve("completion.sh"), script);
      Process process = new ProcessBuilder(bash.toString(), "-n", file.toString()).start();
      assertEquals(0, process.waitFor());
    }
  }
}
