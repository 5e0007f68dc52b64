package org.helu.device.rtl.design;

import java.util.List;
import org.helu.device.rtl.design.ClockModel.Channel;
import org.helu.device.rtl.design.ClockModel.Model;

/** The control registers of the library's modules. */
final class UnitModels {
  private UnitModels() {}

  /**
   * @param side the stream that the unit watches, or null
   */
  static Model of(Unit unit, List<Channel> in, List<Channel> out, Channel side) {
    Channel s = in.getFirst();
    Channel m = out.getFirst();
    return switch (unit.kind()) {
      case SKID -> new Skid(s, m);
      case CREDITS -> new Credits(s, m, side, unit.get("COUNT"));
      case UPSIZE -> new Upsize(s, m, unit.get("F"));
      case DOWNSIZE -> new Downsize(s, m, unit.get("F"));
      case FORK -> new Fork(s, m, out.get(1));
      case FIFO -> new Fifo(s, m, unit.get("DEPTH"), unit.get("ROOM") == 1);
      case WINDOW -> new WindowModel(unit, s, m);
      case MAC -> new Pipeline(in, m, registers(unit), unit.get("SF"));
      case MAX -> new Pipeline(in, m, registers(unit), unit.get("TAPS"));
      case SUMS, THRESHOLD, OFFSET, REQUANTIZE -> new Pipeline(in, m, registers(unit), 1);
    };
  }

  /** Clocks from a beat that enters a pipeline to its output. */
  static int registers(Unit unit) {
    return switch (unit.kind()) {
      case MAC -> unit.get("LEVELS") + 4;
      case SUMS -> unit.sums().levels().size();
      case THRESHOLD, OFFSET -> 2;
      case REQUANTIZE -> 3;
      case MAX -> 1;
      default -> throw new IllegalArgumentException(unit.name());
    };
  }

  private static final class Skid implements Model {
    private final Channel s;
    private final Channel m;
    private boolean head;
    private boolean spare;

    Skid(Channel s, Channel m) {
      this.s = s;
      this.m = m;
    }

    @Override
    public void forward() {
      m.valid = head;
    }

    @Override
    public void backward() {
      s.ready = !spare;
    }

    @Override
    public void clock() {
      if (m.ready || !head) {
        head = spare || s.valid;
        spare = false;
      } else if (s.valid) {
        spare = true;
      }
    }
  }

  private static final class Credits implements Model {
    private final Channel s;
    private final Channel m;
    private final Channel leaving;
    private int credits;
    private boolean returned;
    private boolean valid;

    Credits(Channel s, Channel m, Channel leaving, int count) {
      this.s = s;
      this.m = m;
      this.leaving = leaving;
      this.credits = count;
    }

    @Override
    public void forward() {
      m.valid = valid;
    }

    @Override
    public void backward() {
      s.ready = credits != 0;
    }

    @Override
    public void clock() {
      valid = s.passes();
      credits += (returned ? 1 : 0) - (valid ? 1 : 0);
      returned = leaving.passes();
    }
  }

  private static final class Upsize implements Model {
    private final Channel s;
    private final Channel m;
    private final int factor;
    private int count;
    private boolean full;

    Upsize(Channel s, Channel m, int factor) {
      this.s = s;
      this.m = m;
      this.factor = factor;
    }

    @Override
    public void forward() {
      m.valid = full;
    }

    @Override
    public void backward() {
      s.ready = !full || m.ready;
    }

    @Override
    public void clock() {
      if (s.ready) {
        boolean last = count == factor - 1;
        full = s.valid && last;
        if (s.valid) {
          count = last ? 0 : count + 1;
        }
      }
    }
  }

  private static final class Downsize implements Model {
    private final Channel s;
    private final Channel m;
    private final int factor;
    private int left;

    Downsize(Channel s, Channel m, int factor) {
      this.s = s;
      this.m = m;
      this.factor = factor;
    }

    @Override
    public void forward() {
      m.valid = left != 0;
    }

    @Override
    public void backward() {
      s.ready = left == 0 || (left == 1 && m.ready);
    }

    @Override
    public void clock() {
      if (s.ready) {
        left = s.valid ? factor : 0;
      } else if (m.ready) {
        left--;
      }
    }
  }

  private static final class Fork implements Model {
    private final Channel s;
    private final Channel a;
    private final Channel b;
    private boolean aDone;
    private boolean bDone;

    Fork(Channel s, Channel a, Channel b) {
      this.s = s;
      this.a = a;
      this.b = b;
    }

    @Override
    public void forward() {
      a.valid = s.valid && !aDone;
      b.valid = s.valid && !bDone;
    }

    @Override
    public void backward() {
      s.ready = (aDone || a.ready) && (bDone || b.ready);
    }

    @Override
    public void clock() {
      boolean ends = !s.valid || s.ready;
      aDone = !ends && (aDone || a.ready);
      bDone = !ends && (bDone || b.ready);
    }
  }

  private static final class Fifo implements Model {
    private final Channel s;
    private final Channel m;
    private final int depth;
    private final boolean room;
    private int count;
    private boolean head;

    Fifo(Channel s, Channel m, int depth, boolean room) {
      this.s = s;
      this.m = m;
      this.depth = depth;
      this.room = room;
    }

    @Override
    public void forward() {
      m.valid = head;
    }

    @Override
    public void backward() {
      s.ready = room || count != depth;
    }

    @Override
    public void clock() {
      boolean write = s.passes();
      boolean read = count != 0 && (m.ready || !head);
      count += (write ? 1 : 0) - (read ? 1 : 0);
      if (m.ready || !head) {
        head = read;
      }
    }
  }

  /**
   * Registers behind each other that all stand still while the last one waits; only the last of
   * every {@code period} beats gives an output.
   */
  private static final class Pipeline implements Model {
    private final List<Channel> in;
    private final Channel m;
    private final int period;
    private final boolean[] stages;
    private int beat;
    private boolean done;

    Pipeline(List<Channel> in, Channel m, int registers, int period) {
      this.in = in;
      this.m = m;
      this.period = period;
      this.stages = new boolean[registers - 1];
    }

    @Override
    public void forward() {
      m.valid = done;
    }

    @Override
    public void backward() {
      boolean enable = !done || m.ready;
      if (in.size() == 1) {
        in.get(0).ready = enable;
      } else {
        in.get(0).ready = enable && in.get(1).valid;
        in.get(1).ready = enable && in.get(0).valid;
      }
    }

    @Override
    public void clock() {
      if (done && !m.ready) {
        return;
      }
      boolean enters = true;
      for (Channel channel : in) {
        enters &= channel.valid;
      }
      boolean ends = false;
      if (enters) {
        beat++;
        ends = beat == period;
        beat = ends ? 0 : beat;
      }
      // Beats that end no period give nothing, so they need not be followed.
      if (stages.length == 0) {
        done = ends;
        return;
      }
      done = stages[stages.length - 1];
      System.arraycopy(stages, 0, stages, 1, stages.length - 1);
      stages[0] = ends;
    }
  }

  private static final class WindowModel implements Model {
    private final Channel s;
    private final Channel m;
    private final int pitch;
    private final int rows;
    private final int height;
    private final int outHeight;
    private final int strideY;
    private final int padTop;
    private final int reach;
    private final long beatsPerRow;
    private int column;
    private long written;
    private long released;
    private long image;
    private int oy;
    private long beat;
    private boolean valid;

    WindowModel(Unit unit, Channel s, Channel m) {
      this.s = s;
      this.m = m;
      this.pitch = unit.get("WIDTH") * unit.get("CF");
      this.rows = unit.get("ROWS");
      this.height = unit.get("HEIGHT");
      this.outHeight = unit.get("OH");
      this.strideY = unit.get("SH");
      this.padTop = unit.get("PT");
      this.reach = unit.get("DH") * (unit.get("KH") - 1);
      this.beatsPerRow =
          (long) unit.get("OW")
              * unit.get("REPLAY")
              * unit.get("KH")
              * unit.get("KW")
              * unit.get("CF");
    }

    @Override
    public void forward() {
      m.valid = valid;
    }

    @Override
    public void backward() {
      s.ready = written - released < rows;
    }

    @Override
    public void clock() {
      long need = Math.min(height - 1, (long) oy * strideY - padTop + reach);
      boolean rowReady = written - image > need;
      boolean write = s.passes();
      if (!valid || m.ready) {
        valid = rowReady;
        if (rowReady && ++beat == beatsPerRow) {
          endRow();
        }
      }
      if (write && ++column == pitch) {
        column = 0;
        written++;
      }
    }

    private void endRow() {
      beat = 0;
      if (++oy == outHeight) {
        oy = 0;
        image += height;
        released = image;
      } else {
        released = image + Math.max(0, oy * strideY - padTop);
      }
    }
  }
}
