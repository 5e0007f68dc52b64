package org.helu.device.rtl.design;

import org.helu.device.rtl.design.Family.LutRam;

/**
 * Resources of a design before synthesis: memories and DSP blocks by the rules of yosys, LUTs by
 * {@link LutWork} and what a part's family takes for each kind of work.
 */
public final class Estimate {
  /** Memories of constants with fewer rows or bits are made of LUTs. */
  static final int MIN_BLOCK_ROWS = 64;

  static final int MIN_BLOCK_BITS = 1024;

  private final Family family;

  private Estimate(Part part) {
    this.family = part.family();
  }

  /** A whole design. */
  public static Resources of(Design design, Part part) {
    return of(design, part, Yosys.V0_66);
  }

  /** A whole design, as a version of yosys synthesizes it. */
  public static Resources of(Design design, Part part, Yosys yosys) {
    return design.units().stream()
        .map(unit -> of(unit, part, yosys))
        .reduce(Resources.NONE, Resources::plus);
  }

  /** One layer's units. */
  public static Resources of(Design design, int layer, Part part) {
    return design.units().stream()
        .filter(unit -> unit.layer() == layer)
        .map(unit -> of(unit, part, Yosys.V0_66))
        .reduce(Resources.NONE, Resources::plus);
  }

  /** One unit with its constants. */
  private static Resources of(Unit unit, Part part, Yosys yosys) {
    Estimate estimate = new Estimate(part);
    LutWork work = LutWork.of(unit, part.family());
    Resources found = luts(work.luts(part.family(), yosys));
    Rom rom = unit.rom();
    if (rom != null && isBlock(rom.rows().size(), rom.width())) {
      found = found.plus(estimate.blockRams(rom.rows().size(), rom.width()));
    }
    return switch (unit.kind()) {
      case FIFO -> found.plus(estimate.memory(unit.get("DEPTH"), unit.get("W")));
      case WINDOW -> {
        long rows = (long) unit.get("ROWS") * unit.get("WIDTH") * unit.get("CF");
        yield found.plus(estimate.memory(rows, unit.get("W")));
      }
      case MAC, REQUANTIZE ->
          found.plus(new Resources(0, 0, LutWork.multipliers(unit, part.family())));
      default -> found;
    };
  }

  /** A buffer of {@code depth} beats of {@code width} bits. */
  public static Resources fifo(int depth, int width, Part part) {
    LutWork work = LutWork.fifo(Bits.unsigned(depth - 1), Bits.unsigned(depth));
    return luts(work.luts(part.family(), Yosys.V0_66))
        .plus(new Estimate(part).memory(depth, width));
  }

  static boolean isBlock(int rows, int width) {
    return rows >= MIN_BLOCK_ROWS && (long) rows * width >= MIN_BLOCK_BITS;
  }

  private Resources blockRams(long rows, long width) {
    return new Resources(0, Math.toIntExact(family.blockRam().count(rows, width)), 0);
  }

  /** A memory that is written and read in one clock: what yosys finds cheapest. */
  private Resources memory(long rows, long width) {
    long blocks = family.blockRam().count(rows, width);
    long cost = blocks * family.blockRam().cost();
    Resources best = new Resources(0, Math.toIntExact(blocks), 0);
    if (rows * width <= cost) {
      // Registers; a row's are chosen by a LUT for every two.
      cost = rows * width;
      best = luts(0.75 * rows * width);
    }
    for (LutRam cell : family.lutRams()) {
      long cells = cell.count(rows, width);
      long choices = (Math.ceilDiv(rows, cell.rows()) - 1) * width;
      long found = cells * cell.cost() + choices / 2;
      if (found <= cost) {
        cost = found;
        best = luts(cells * cell.luts() + 0.75 * choices);
      }
    }
    return best;
  }

  private static Resources luts(double luts) {
    return new Resources((int) Math.min(Integer.MAX_VALUE, Math.round(luts)), 0, 0);
  }
}
