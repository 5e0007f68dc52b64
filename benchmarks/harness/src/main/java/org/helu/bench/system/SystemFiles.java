package org.helu.bench.system;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * The files below {@code /proc} and {@code /sys} by which Linux tells what a machine is and does.
 * Where one is missing, unreadable or malformed, what it would tell is unknown: never an error.
 *
 * @param root what stands for {@code /}; tests and containers give another one
 */
public record SystemFiles(Path root) {
  /** Replaces the root. */
  public static final String ROOT_PROPERTY = "helu.bench.root";

  /** This machine's files, or those below {@value #ROOT_PROPERTY}. */
  public static SystemFiles host() {
    return new SystemFiles(Path.of(System.getProperty(ROOT_PROPERTY, "/")));
  }

  /** The text of a file without white space around it. */
  public Optional<String> text(String path) {
    return text(root.resolve(path));
  }

  static Optional<String> text(Path file) {
    try {
      String text = Files.readString(file).strip();
      return text.isEmpty() ? Optional.empty() : Optional.of(text);
    } catch (IOException | RuntimeException _) {
      return Optional.empty();
    }
  }

  static OptionalLong number(Path file) {
    try {
      return OptionalLong.of(Long.parseLong(text(file).orElse("")));
    } catch (NumberFormatException _) {
      return OptionalLong.empty();
    }
  }

  /** Lines of a file; none where it cannot be read. */
  public List<String> lines(String path) {
    return text(path).map(text -> text.lines().toList()).orElse(List.of());
  }

  /** The first value of {@code key: value} lines, such as those of {@code /proc/cpuinfo}. */
  public Optional<String> field(String path, String key) {
    for (String line : lines(path)) {
      int colon = line.indexOf(':');
      if (colon >= 0 && line.substring(0, colon).strip().equals(key)) {
        return Optional.of(line.substring(colon + 1).strip());
      }
    }
    return Optional.empty();
  }

  /** Bytes of a {@code Key: 123 kB} line. */
  public OptionalLong kibField(String path, String key) {
    Optional<String> value = field(path, key);
    if (value.isEmpty() || !value.get().matches("\\d{1,15} kB")) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(1024 * Long.parseLong(value.get().split(" ")[0]));
  }

  /** What a folder holds and a glob matches, sorted by name; nothing where there is no folder. */
  List<Path> list(Path folder, String glob) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, glob)) {
      entries.forEach(found::add);
    } catch (IOException | RuntimeException _) {
      return List.of();
    }
    found.sort(null);
    return found;
  }

  List<Path> list(String folder, String glob) {
    return list(root.resolve(folder), glob);
  }

  /** Resident memory of this process in bytes. */
  public OptionalLong residentBytes() {
    return kibField("proc/self/status", "VmRSS");
  }

  /** The most resident memory that this process had, in bytes. */
  public OptionalLong peakResidentBytes() {
    return kibField("proc/self/status", "VmHWM");
  }

  /** The scaling governors of all processors, each named once. */
  public Optional<String> governor() {
    Stream<String> all =
        list("sys/devices/system/cpu", "cpu[0-9]*").stream()
            .flatMap(cpu -> text(cpu.resolve("cpufreq/scaling_governor")).stream());
    List<String> distinct = all.distinct().sorted().toList();
    return distinct.isEmpty() ? Optional.empty() : Optional.of(String.join(",", distinct));
  }
}
