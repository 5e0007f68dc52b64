package org.helu.device.rtl.design;

/**
 * Resources of a unit before synthesis. The constants were fitted to synth_ice40 of yosys 0.23 on
 * the library's modules one by one (docs/fpga.md), for iCE40; the other parts have one factor each,
 * fitted to the same yosys.
 */
public final class Estimate {
  /** Memories of constants with fewer rows or bits are made of LUTs. */
  static final int MIN_BLOCK_ROWS = 64;

  static final int MIN_BLOCK_BITS = 1024;

  /** LUTs of a counter's bit: increment, comparison, return to 0. */
  private static final double COUNTER = 2.7;

  /**
   * LUTs of a product for each bit of one factor times each bit of the other, without DSP blocks.
   */
  private static final double PRODUCT = 2.1;

  private final Part part;

  private Estimate(Part part) {
    this.part = part;
  }

  /** A whole design. */
  public static Resources of(Design design, Part part) {
    return design.units().stream()
        .map(unit -> of(unit, part))
        .reduce(Resources.NONE, Resources::plus);
  }

  /** One layer's units. */
  public static Resources of(Design design, int layer, Part part) {
    return design.units().stream()
        .filter(unit -> unit.layer() == layer)
        .map(unit -> of(unit, part))
        .reduce(Resources.NONE, Resources::plus);
  }

  /** One unit with its constants. */
  static Resources of(Unit unit, Part part) {
    Estimate estimate = new Estimate(part);
    Resources logic = estimate.logic(unit);
    Rom rom = unit.rom();
    return rom == null ? logic : logic.plus(estimate.rom(rom.rows().size(), rom.width()));
  }

  /** A buffer of {@code depth} beats of {@code width} bits. */
  public static Resources fifo(int depth, int width, Part part) {
    int address = Bits.unsigned(depth - 1);
    return new Estimate(part).fifo(depth, width, address, Bits.unsigned(depth));
  }

  private Resources fifo(int depth, int width, int addressBits, int countBits) {
    return luts(COUNTER * (2 * addressBits + countBits)).plus(memory(depth, width));
  }

  private Resources logic(Unit unit) {
    return switch (unit.kind()) {
      case SKID -> luts(unit.get("W") + 6);
      case UPSIZE -> luts(6 + unit.get("CW"));
      case DOWNSIZE -> luts((unit.get("F") - 1.0) * unit.get("W") + 4 + 2 * unit.get("CW"));
      case FORK -> luts(8);
      case FIFO -> fifo(unit.get("DEPTH"), unit.get("W"), unit.get("AW"), unit.get("CW"));
      case WINDOW -> window(unit);
      case MAC -> mac(unit);
      case SUMS ->
          luts(
              unit.sums().levels().stream()
                  .flatMap(level -> level.stream())
                  .mapToInt(ConstantSums.Node::width)
                  .sum());
      case THRESHOLD ->
          luts(
              2 * unit.get("AW")
                  + 4
                  + unit.get("LANES") * (double) unit.get("STEPS") * (1.5 * unit.get("TB") + 1));
      case OFFSET -> luts(2 * unit.get("AW") + 4 + unit.get("LANES") * (double) unit.get("OB"));
      case REQUANTIZE -> requantize(unit);
      case MAX ->
          luts(
              2 * unit.get("TB")
                  + 4
                  + unit.get("LANES") * (unit.get("XB") == 1 ? 1 : 2.0 * unit.get("XB")));
    };
  }

  private Resources window(Unit unit) {
    int pitch = unit.get("WIDTH") * unit.get("CF");
    int bits = unit.get("AW") + counter(pitch);
    for (String count : new String[] {"OH", "OW", "REPLAY", "KH", "KW", "CF"}) {
      bits += counter(unit.get(count));
    }
    boolean rows = unit.get("OH") > 1 || unit.get("KH") > 1;
    boolean columns = unit.get("OW") > 1 || unit.get("KW") > 1;
    bits += rows ? 6 * unit.get("YB") : unit.get("YB");
    bits += columns ? 2 * unit.get("CB") : 0;
    boolean padded = unit.get("PT") > 0 || unit.get("PL") > 0;
    return luts(COUNTER * bits + (padded ? unit.get("W") : 0))
        .plus(memory(unit.get("ROWS") * pitch, unit.get("W")));
  }

  private static int counter(int count) {
    return count == 1 ? 0 : Bits.unsigned(count - 1);
  }

  private Resources mac(Unit unit) {
    int groups = unit.get("GROUPS");
    int group = unit.get("GROUP");
    int xb = unit.get("XB");
    int pe = unit.get("PE");
    int simd = unit.get("SIMD");
    double control = COUNTER * (counter(unit.get("SF") * unit.get("NF")) + counter(unit.get("SF")));
    double join = (groups - 1.0) * unit.get("INCB");
    double accumulate = unit.get("SF") == 1 ? 0 : unit.get("ACCB");
    if (unit.get("WB") == 1) {
      double sum =
          xb == 1
              ? Math.max(group, 2.5 * group - 9)
              : xb * 2.5 * (group - 1) + (group == 1 ? xb : 0);
      return luts(control + 4 + pe * (groups * sum + join + accumulate));
    }
    int products = pe * simd;
    int vb = unit.get("VB");
    int wb = unit.get("WB");
    double adders = (group - 1.0) * groups * (vb + wb);
    if (part.hasMultipliers() && vb > 4) {
      return luts(control + 4 + pe * (adders + join + accumulate))
          .plus(new Resources(0, 0, products));
    }
    return luts(control + 4 + pe * (adders + join + accumulate) + products * PRODUCT * vb * wb);
  }

  private Resources requantize(Unit unit) {
    int lanes = unit.get("LANES");
    int ib = unit.get("IB") + 1;
    int mb = unit.get("MB");
    int bb = unit.get("BB");
    double rest = 2 * unit.get("AW") + 4 + lanes * (1.5 * bb + 2.0 * unit.get("OB"));
    if (part.hasMultipliers()) {
      int blocks = Math.ceilDiv(ib, 18) * Math.ceilDiv(mb, 18) * (1 + unit.get("RESIDUAL"));
      return luts(rest).plus(new Resources(0, 0, lanes * blocks));
    }
    double residual = unit.get("RESIDUAL") * PRODUCT * unit.get("XB") * unit.get("RB");
    return luts(rest + lanes * (PRODUCT * ib * mb + residual));
  }

  /** A memory of constants; one row is wires. */
  private Resources rom(int rows, int width) {
    if (rows == 1) {
      return Resources.NONE;
    }
    if (isBlock(rows, width)) {
      return new Resources(0, part.blockRams(rows, width), 0);
    }
    // Of two rows a bit is constant, the address or its opposite; of 16 it is one LUT4.
    double perBit =
        rows <= 2 ? 0.1 : rows <= 4 ? 0.4 : rows <= 8 ? 0.85 : rows <= 16 ? 1 : rows / 8.5;
    return luts(width * perBit);
  }

  static boolean isBlock(int rows, int width) {
    return rows >= MIN_BLOCK_ROWS && (long) rows * width >= MIN_BLOCK_BITS;
  }

  /** A memory that is written and read in one clock. */
  private Resources memory(int rows, int width) {
    long bits = (long) rows * width;
    if (part.hasLutRam() && bits <= 2048) {
      return new Resources(4 * Math.ceilDiv(rows, 16) * Math.ceilDiv(width, 4), 0, 0);
    }
    if (bits <= 32) {
      return luts(2.0 * bits);
    }
    return new Resources(0, part.blockRams(rows, width), 0);
  }

  private Resources luts(double ice40) {
    return new Resources((int) Math.round(ice40 * part.lutFactor()), 0, 0);
  }
}
