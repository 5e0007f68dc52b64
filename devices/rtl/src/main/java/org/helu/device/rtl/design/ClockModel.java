package org.helu.device.rtl.design;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts a design's clocks without its data: every unit's valid, ready and counters, as in its
 * Verilog. So clocks are known before synthesis, stalls between the units included.
 */
public final class ClockModel {
  /**
   * Clocks with a source and a sink that never wait.
   *
   * @param latency from the first beat of the first sample to the last beat of its answer
   * @param interval between the answers of the last two samples
   * @param total from the first beat to the last answer
   */
  public record Clocks(long latency, long interval, long total) {}

  /** One stream's handshake in this clock. */
  static final class Channel {
    boolean valid;
    boolean ready;

    boolean passes() {
      return valid && ready;
    }
  }

  /** One unit's control registers. */
  interface Model {
    /** Sets valid of the outputs, from registers (a fork: and from its input). */
    void forward();

    /** Sets ready of the inputs. */
    void backward();

    /** The rising edge. */
    void clock();
  }

  private final Channel source;
  private final Channel sink;
  private final List<Model> models = new ArrayList<>();

  private ClockModel(Design design) {
    Map<String, Channel> channels = new HashMap<>();
    this.source = new Channel();
    channels.put(design.input().name(), source);
    for (Unit unit : design.units()) {
      unit.outputs().forEach(wire -> channels.put(wire.name(), new Channel()));
    }
    for (Unit unit : design.units()) {
      List<Channel> in = unit.inputs().stream().map(w -> channels.get(w.name())).toList();
      List<Channel> out = unit.outputs().stream().map(w -> channels.get(w.name())).toList();
      models.add(UnitModels.of(unit, in, out, channels.get(unit.side())));
    }
    this.sink = channels.get(design.output().name());
  }

  /**
   * Runs {@code samples} samples.
   *
   * @throws IllegalStateException if the design stands still, which a test would have found
   */
  public static Clocks run(Design design, int samples) {
    return new ClockModel(design)
        .run((long) samples * design.inputBeats(), design.outputBeats(), samples);
  }

  private Clocks run(long inputs, long outputBeats, int samples) {
    long taken = 0;
    long given = 0;
    long latency = 0;
    long before = 0;
    long last = 0;
    long quiet = 0;
    for (long clock = 0; given < outputBeats * samples; clock++) {
      source.valid = taken < inputs;
      sink.ready = true;
      for (Model model : models) {
        model.forward();
      }
      for (int i = models.size() - 1; i >= 0; i--) {
        models.get(i).backward();
      }
      quiet++;
      if (source.passes()) {
        taken++;
        quiet = 0;
      }
      if (sink.passes()) {
        given++;
        quiet = 0;
        if (given == outputBeats) {
          latency = clock;
        }
        if (given % outputBeats == 0) {
          before = last;
          last = clock;
        }
      }
      if (quiet > 1L << 32) {
        throw new IllegalStateException("the design stands still");
      }
      for (Model model : models) {
        model.clock();
      }
    }
    return new Clocks(latency, samples < 2 ? last + 1 : last - before, last + 1);
  }
}
