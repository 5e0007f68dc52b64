package org.helu.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.HeluException;

/** Files given for a network's inputs or outputs. */
final class NamedFiles {
  private NamedFiles() {}

  /**
   * Files in the order of {@code names}.
   *
   * @param what {@code input} or {@code output}, for messages
   * @param arguments {@code FILE} where there is one name, or {@code NAME=FILE} for each name
   */
  static List<Path> assign(String what, List<String> names, List<String> arguments) {
    if (names.size() == 1 && arguments.size() == 1) {
      String prefix = names.getFirst() + "=";
      String argument = arguments.getFirst();
      return List.of(
          path(argument.startsWith(prefix) ? argument.substring(prefix.length()) : argument));
    }
    List<Path> files = new ArrayList<>();
    for (String name : names) {
      List<String> matches =
          arguments.stream().filter(argument -> argument.startsWith(name + "=")).toList();
      if (matches.size() != 1 || arguments.size() != names.size()) {
        throw HeluException.invalid(
            "run/" + what,
            "expected one --" + what + " for each of " + names + ", found " + arguments,
            "give --" + what + " NAME=FILE for each");
      }
      files.add(path(matches.getFirst().substring(name.length() + 1)));
    }
    return files;
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw HeluException.invalid("run", "'" + text + "' is not a path: " + e.getReason(), "");
    }
  }
}
