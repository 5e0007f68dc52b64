package org.helu.device.rtl.design;

import java.util.List;

/**
 * What the parts of one vendor's family have in common: how yosys synthesizes for them and what it
 * makes of a design.
 *
 * <p>The rows of numbers are the LUTs of each {@link Work} for the versions of {@link Yosys}. They
 * are a least-squares fit, made in November 2026, of relative errors over whole small designs: 20
 * or more for 0.23 (of Xilinx 13), 6 for 0.66 with 0.23's numbers as prior (of Gowin 5; of iCE40
 * none, so it has 0.23's). {@code EstimateTest} holds them against designs that they were not
 * fitted to.
 */
enum Family {
  /** Lattice iCE40: LUT4 with carries, block RAMs of 4 kbit, neither LUT RAM nor multipliers. */
  ICE40(
      "synth_ice40",
      new double[][] {
        {0.84, 3.04, 1.25, 2.07, 1.05, 0.55, 2.22, 0.85, 0.81},
        {0.84, 3.04, 1.25, 2.07, 1.05, 0.55, 2.22, 0.85, 0.81}
      },
      new BlockRam(11, List.of(2, 4, 8, 16), 64),
      List.of(),
      null),
  /** Lattice ECP5: LUT4, carries beside pairs of them, LUT RAM of 16 x 4, DSP blocks of 18 x 18. */
  ECP5(
      "scratchpad -set abc9.D 5000; synth_ecp5",
      new double[][] {
        {0.69, 4.63, 1.32, 4.27, 1.14, 2.43, 2.10, 0.90, 1.02},
        {0.62, 2.60, 1.38, 3.13, 0.86, 1.62, 1.78, 0.72, 0.96}
      },
      new BlockRam(14, List.of(1, 2, 4, 9, 18, 36), 137),
      List.of(new LutRam(16, 4, 4, 4)),
      new Multiplier(18, 18, 18, 2, 2, 0)),
  /** Gowin GW1N and GW2A: LUT4 or carry, LUT RAM of 16 x 4, DSP blocks of 9 x 9, 18 x 18. */
  GOWIN(
      "synth_gowin",
      new double[][] {
        {0.21, 5.16, 1.54, 4.82, 0.89, 2.36, 2.10, 0.94, 1.06},
        {0.19, 3.05, 1.49, 4.17, 0.63, 1.84, 2.17, 1.05, 0.90}
      },
      new BlockRam(14, List.of(1, 2, 4, 9, 18, 36), 137),
      List.of(new LutRam(16, 4, 4, 4)),
      new Multiplier(18, 18, 18, 10, 4, 0)),
  /** AMD 7 series: LUT6, LUT RAM of 32 x 6 or 64 x 3, DSP blocks of 25 x 18. */
  XILINX(
      "synth_xilinx -flatten -abc9",
      new double[][] {
        {0.74, 1.16, 0.40, 2.37, 1.60, 0.90, 1.47, 0.59, 0.69},
        {0.84, 1.15, 0.35, 2.55, 1.63, 0.81, 1.25, 0.57, 0.66}
      },
      new BlockRam(14, List.of(1, 2, 4, 9, 18, 36), 129),
      List.of(new LutRam(32, 6, 4, 8), new LutRam(64, 3, 4, 8)),
      new Multiplier(25, 18, 18, 2, 2, 9));

  /** Kinds of work that LUTs do; a unit does some of each. */
  enum Work {
    /** Any function of four inputs. */
    GATE,
    /** A counter's bit: increment, comparison, return to 0. */
    COUNTER,
    /** A bit of a sum. */
    ADDER,
    /** A lane of XNOR and counting ones. */
    COUNT,
    /** A bit of a choice by two weights. */
    SELECT,
    /** A bit of a comparison of two variables. */
    COMPARE,
    /** A bit of one factor times a bit of the other. */
    PRODUCT,
    /** A LUT4 full of constants. */
    ROM,
    /** A bit of a small sum whose terms are wired, or of its carries. */
    TREE
  }

  /**
   * Block RAMs.
   *
   * @param addressBits of the narrowest shape
   * @param widths of words; a ninth bit comes with every byte
   * @param cost of one, against 1 for a bit of registers, so that memories go where yosys puts them
   */
  record BlockRam(int addressBits, List<Integer> widths, int cost) {
    /** Blocks of a memory, in the best of the shapes. */
    long count(long rows, long width) {
      long best = Long.MAX_VALUE;
      int narrowest = widths.getFirst();
      for (int w : widths) {
        long depth = (1L << addressBits) * narrowest / Integer.highestOneBit(w);
        best = Math.min(best, Math.ceilDiv(rows, depth) * Math.ceilDiv(width, w));
      }
      return best;
    }
  }

  /**
   * Cells of small memories that are made of LUTs.
   *
   * @param luts that a cell takes
   * @param cost likewise
   */
  record LutRam(int rows, int width, int luts, int cost) {
    long count(long memoryRows, long memoryWidth) {
      return Math.ceilDiv(memoryRows, rows) * Math.ceilDiv(memoryWidth, width);
    }
  }

  /**
   * DSP blocks, for signed factors.
   *
   * @param a greatest width of one factor
   * @param b of the other
   * @param slice of a wider factor that one block takes, with a sign bit
   * @param leastSlice bits of the last slice; a smaller one is made of LUTs
   * @param leastFactor bits of a factor; products with a smaller one are made of LUTs
   * @param leastProduct bits of a product; smaller ones are made of LUTs
   */
  record Multiplier(int a, int b, int slice, int leastSlice, int leastFactor, int leastProduct) {
    /** Blocks of a product. */
    int count(int aBits, int bBits) {
      int wide = Math.max(aBits, bBits);
      int narrow = Math.min(aBits, bBits);
      if (narrow < leastFactor || aBits + bBits < leastProduct) {
        return 0;
      }
      return slices(wide, a) * slices(narrow, b);
    }

    private int slices(int bits, int most) {
      if (bits <= most) {
        return 1;
      }
      int whole = Math.ceilDiv(bits - most, slice - 1);
      return whole + (bits - whole * (slice - 1) >= leastSlice ? 1 : 0);
    }
  }

  /** The Verilog macro that spells out the carries of small adders. */
  static final String SPELL_OUT_CARRIES = "HELU_SPELL_OUT_CARRIES";

  private final String synthesis;
  private final double[][] luts;
  private final BlockRam blockRam;
  private final List<LutRam> lutRams;
  private final Multiplier multiplier;

  Family(
      String synthesis,
      double[][] luts,
      BlockRam blockRam,
      List<LutRam> lutRams,
      Multiplier multiplier) {
    this.synthesis = synthesis;
    this.luts = luts;
    this.blockRam = blockRam;
    this.lutRams = lutRams;
    this.multiplier = multiplier;
  }

  /** The commands of yosys, but for the top module. */
  String synthesis() {
    return synthesis;
  }

  /** Whether small adders take fewer LUTs without a chain of carries. */
  boolean spellsOutCarries() {
    return this == ECP5;
  }

  /** LUTs of a kind of work. */
  double luts(Work work, Yosys yosys) {
    return luts[yosys.ordinal()][work.ordinal()];
  }

  BlockRam blockRam() {
    return blockRam;
  }

  /** The cells, if any. */
  List<LutRam> lutRams() {
    return lutRams;
  }

  /** The DSP blocks, or null. */
  Multiplier multiplier() {
    return multiplier;
  }
}
