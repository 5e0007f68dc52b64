package org.helu.device.tornado;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Another process of a test, mostly a JVM; what it prints goes to a file. */
record Child(Process process, Path output) {
  private static final long LIMIT_SECONDS = 900;

  static Child start(Map<String, String> environment, List<String> command) throws IOException {
    Path output = Files.createTempFile("helu-child", ".log");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    return new Child(builder.start(), output);
  }

  /** A JVM with the test's class path. */
  static List<String> java(List<String> flags, Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  /** This JVM's own flags, without what the test runner adds. */
  static List<String> flags() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> !flag.startsWith("-javaagent") && !flag.startsWith("-agentlib"))
        .toList();
  }

  /** Everything it printed, once it has ended well. */
  String await() throws IOException, InterruptedException {
    try {
      boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
      String text = Files.readString(output);
      assertTrue(ended, "still running after " + LIMIT_SECONDS + " s: " + text);
      assertTrue(process.exitValue() == 0, "exit " + process.exitValue() + ": " + text);
      return text;
    } finally {
      process.destroyForcibly();
      Files.deleteIfExists(output);
    }
  }
}
