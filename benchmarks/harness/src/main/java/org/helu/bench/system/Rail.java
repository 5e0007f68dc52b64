package org.helu.bench.system;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * A power rail that an INA3221 monitor watches, as on Jetson boards: millivolts and milliamperes.
 *
 * @param name the rail's label, such as {@code VDD_IN}
 * @param millivolts {@code inN_input}
 * @param milliamperes {@code currN_input}
 */
record Rail(String name, Path millivolts, Path milliamperes) {
  /** Rails that feed the whole board; where there is one, the others are parts of it. */
  private static final List<String> BOARD = List.of("VDD_IN", "POM_5V_IN");

  /** The monitor's channels; what it shows beyond them are sums and shunt voltages. */
  private static final int CHANNELS = 3;

  /** The board's rail, or all rails of all monitors where no rail feeds the board. */
  static List<Rail> find(SystemFiles files) {
    List<Rail> rails = new ArrayList<>();
    for (Path chip : files.list("sys/class/hwmon", "hwmon*")) {
      if (SystemFiles.text(chip.resolve("name")).orElse("").startsWith("ina3221")) {
        for (int channel = 1; channel <= CHANNELS; channel++) {
          String label = "in" + channel + "_label";
          Rail rail =
              new Rail(
                  SystemFiles.text(chip.resolve(label)).orElse("channel" + channel),
                  chip.resolve("in" + channel + "_input"),
                  chip.resolve("curr" + channel + "_input"));
          // A channel that is not connected has no label, or NC for one.
          if (rail.watts() >= 0 && !rail.name().equals("NC")) {
            rails.add(rail);
          }
        }
      }
    }
    List<Rail> board = rails.stream().filter(rail -> BOARD.contains(rail.name())).toList();
    return board.isEmpty() ? rails : board;
  }

  /** Power at this moment, or a negative number where it is not told. */
  double watts() {
    OptionalLong voltage = SystemFiles.number(millivolts);
    OptionalLong current = SystemFiles.number(milliamperes);
    return voltage.isEmpty() || current.isEmpty()
        ? -1
        : voltage.getAsLong() * 1e-3 * Math.max(0, current.getAsLong()) * 1e-3;
  }
}
