package org.helu.device.rtl.design;

import java.util.List;
import java.util.SequencedMap;

/**
 * An instance of a module: one of the library, or one of its own.
 *
 * @param name of the instance
 * @param kind its module
 * @param layer number of the layer that it belongs to, or {@link Layer#NETWORK_INPUT}
 * @param parameters of the module, whole numbers
 * @param inputs streams that it reads, in the order of the module's ports
 * @param outputs streams that it writes, likewise
 * @param side name of what goes beside the streams: the padding flag from a window to its matrix
 *     unit, the stream on which beats leave that were let in by credits, or null
 * @param rom its constants, or null
 * @param sums the module, where it is made for this unit alone, or null
 */
public record Unit(
    String name,
    Kind kind,
    int layer,
    SequencedMap<String, Long> parameters,
    List<Wire> inputs,
    List<Wire> outputs,
    String side,
    Rom rom,
    ConstantSums sums) {
  /** An instance of a module of the library. */
  Unit(
      String name,
      Kind kind,
      int layer,
      SequencedMap<String, Long> parameters,
      List<Wire> inputs,
      List<Wire> outputs,
      String side,
      Rom rom) {
    this(name, kind, layer, parameters, inputs, outputs, side, rom, null);
  }

  /** The modules. */
  public enum Kind {
    SKID("helu_skid", "s", "m"),
    CREDITS("helu_credits", "s", "m"),
    UPSIZE("helu_upsize", "s", "m"),
    DOWNSIZE("helu_downsize", "s", "m"),
    FORK("helu_fork", "s", "a,b"),
    FIFO("helu_fifo", "s", "m"),
    WINDOW("helu_window", "s", "m"),
    MAC("helu_mac", "s", "m"),
    SUMS(null, "s", "m"),
    THRESHOLD("helu_threshold", "s", "m"),
    OFFSET("helu_offset", "s", "m"),
    REQUANTIZE("helu_requantize", "s,r", "m"),
    MAX("helu_max", "s", "m");

    final String module;
    final List<String> inputPorts;
    final List<String> outputPorts;

    Kind(String module, String inputPorts, String outputPorts) {
      this.module = module;
      this.inputPorts = List.of(inputPorts.split(","));
      this.outputPorts = List.of(outputPorts.split(","));
    }
  }

  /** The module's name. */
  String module() {
    return sums == null ? kind.module : "helu_" + sums.name();
  }

  /** A parameter's value. */
  public int get(String parameter) {
    return Math.toIntExact(parameters.get(parameter));
  }
}
