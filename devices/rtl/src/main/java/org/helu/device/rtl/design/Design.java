package org.helu.device.rtl.design;

import java.util.List;

/**
 * A network as units and streams.
 *
 * @param network what it computes
 * @param folding how much at once
 * @param units every unit behind those that it reads from
 * @param input the stream that enters
 * @param output the stream that leaves
 */
public record Design(Network network, Folding folding, List<Unit> units, Wire input, Wire output) {
  public Design {
    units = List.copyOf(units);
  }

  /** Beats of a sample that enters. */
  public int inputBeats() {
    return Math.toIntExact(network.in().elements() / input.lanes());
  }

  /** Beats of a sample that leaves. */
  public int outputBeats() {
    return Math.toIntExact(network.out().elements() / output.lanes());
  }

  /** Bytes of a beat on the AXI4-Stream that enters. */
  public int inputBeatBytes() {
    return (input.width() + 7) / 8;
  }

  /** Bytes of a beat on the AXI4-Stream that leaves. */
  public int outputBeatBytes() {
    return (output.width() + 7) / 8;
  }
}
