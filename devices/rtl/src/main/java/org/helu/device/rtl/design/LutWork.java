package org.helu.device.rtl.design;

import org.helu.device.rtl.design.Family.Multiplier;
import org.helu.device.rtl.design.Family.Work;

/** What a unit's LUTs do: so many bits of sums, of counters, of choices. */
final class LutWork {
  private final double[] amounts = new double[Work.values().length];

  private LutWork() {}

  /** One unit with those of its constants that are no block RAM. */
  static LutWork of(Unit unit, Family family) {
    LutWork work = new LutWork();
    switch (unit.kind()) {
      case SKID -> work.add(Work.GATE, unit.get("W") + 6);
      case CREDITS -> work.add(Work.GATE, 4).add(Work.COUNTER, unit.get("CW"));
      case UPSIZE -> work.add(Work.GATE, 6).add(Work.COUNTER, unit.get("CW"));
      case DOWNSIZE ->
          work.add(Work.GATE, (unit.get("F") - 1.0) * unit.get("W") + 4)
              .add(Work.COUNTER, unit.get("CW"));
      case FORK -> work.add(Work.GATE, 8);
      case FIFO -> work.fifoCounters(unit.get("AW"), unit.get("CW"));
      case WINDOW -> work.window(unit);
      case MAC -> work.mac(unit, multipliers(unit, family) > 0);
      case SUMS -> work.sums(unit.sums());
      case THRESHOLD -> work.threshold(unit);
      case OFFSET -> work.constants(unit).add(Work.ADDER, unit.get("LANES") * unit.get("RB"));
      case REQUANTIZE -> work.requantize(unit, family.multiplier());
      case MAX -> work.max(unit);
    }
    return work;
  }

  /** The counters of a buffer. */
  static LutWork fifo(int addressBits, int countBits) {
    return new LutWork().fifoCounters(addressBits, countBits);
  }

  /** LUTs in a family. */
  double luts(Family family, Yosys yosys) {
    double sum = 0;
    for (Work kind : Work.values()) {
      sum += amounts[kind.ordinal()] * family.luts(kind, yosys);
    }
    return sum;
  }

  /** DSP blocks of a unit. */
  static int multipliers(Unit unit, Family family) {
    Multiplier multiplier = family.multiplier();
    if (multiplier == null) {
      return 0;
    }
    if (unit.kind() == Unit.Kind.MAC) {
      boolean constant = unit.get("SF") * unit.get("NF") == 1;
      return unit.get("WB") == 1 || constant
          ? 0
          : unit.get("PE") * unit.get("SIMD") * multiplier.count(unit.get("VB"), unit.get("WB"));
    }
    if (unit.kind() == Unit.Kind.REQUANTIZE && unit.get("NF") > 1) {
      int blocks = multiplier.count(unit.get("IB") + 1, unit.get("MB"));
      if (unit.get("RESIDUAL") == 1) {
        blocks += multiplier.count(unit.get("XB") + 1, unit.get("RB"));
      }
      return unit.get("LANES") * blocks;
    }
    return 0;
  }

  private LutWork add(Work kind, double amount) {
    amounts[kind.ordinal()] += amount;
    return this;
  }

  private LutWork fifoCounters(int addressBits, int countBits) {
    return add(Work.COUNTER, 2.0 * addressBits + countBits);
  }

  private void window(Unit unit) {
    int bits = unit.get("AW") + counter(unit.get("WIDTH") * unit.get("CF"));
    for (String count : new String[] {"OH", "OW", "REPLAY", "KH", "KW", "CF"}) {
      bits += counter(unit.get(count));
    }
    boolean rows = unit.get("OH") > 1 || unit.get("KH") > 1;
    boolean columns = unit.get("OW") > 1 || unit.get("KW") > 1;
    boolean padded = unit.get("PT") > 0 || unit.get("PL") > 0;
    bits += rows ? 6 * unit.get("YB") : unit.get("YB");
    bits += columns ? 2 * unit.get("CB") : 0;
    add(Work.COUNTER, bits).add(Work.GATE, padded ? unit.get("W") : 0);
  }

  private static int counter(int count) {
    return count == 1 ? 0 : Bits.unsigned(count - 1);
  }

  private void mac(Unit unit, boolean multiplies) {
    int pe = unit.get("PE");
    int simd = unit.get("SIMD");
    int xb = unit.get("XB");
    int sf = unit.get("SF");
    constants(unit);
    add(Work.GATE, 4).add(Work.COUNTER, counter(sf * unit.get("NF")) + counter(sf));
    add(Work.ADDER, sf == 1 ? 0 : pe * unit.get("ACCB"));
    int groups = unit.get("GROUPS");
    if (unit.get("WB") > 1) {
      int vb = unit.get("VB");
      int wb = unit.get("WB");
      add(Work.ADDER, pe * (unit.get("GROUP") - 1.0) * groups * (vb + wb));
      add(Work.ADDER, simd * (unit.get("ZERO") == 0 ? 0 : vb));
      add(Work.PRODUCT, multiplies ? 0 : (double) pe * simd * vb * wb);
    } else if (xb == 1) {
      add(Work.COUNT, (double) pe * simd);
    } else if (simd == 1) {
      add(Work.SELECT, (double) pe * xb);
    } else {
      int pairs = simd / 2;
      int values = Math.ceilDiv(simd, 2);
      add(Work.ADDER, 2.0 * pairs * (xb + 1));
      add(Work.SELECT, pe * (pairs * (xb + 1.0) + simd % 2 * xb));
      for (int bits = xb + 2; values > 1; values = Math.ceilDiv(values, 2), bits++) {
        add(Work.ADDER, (double) pe * (values / 2) * bits);
      }
    }
    add(Work.ADDER, pe * (groups - 1.0) * unit.get("INCB"));
  }

  private void sums(ConstantSums sums) {
    for (int level = 0; level < sums.levels().size(); level++) {
      for (ConstantSums.Node node : sums.levels().get(level)) {
        if (level == 0) {
          add(Work.TREE, sums.codeBits() == 1 ? node.width() : 0);
        } else if (node.right() >= 0) {
          boolean chained = node.width() > ConstantSumsWriter.MAX_SPELLED_OUT_BITS;
          // Without a chain, carries are LUTs beside those of the sum; the first two need none.
          int carries = chained ? 0 : Math.max(0, node.width() - 3);
          add(chained ? Work.ADDER : Work.TREE, node.width() + carries);
        }
      }
    }
  }

  private void threshold(Unit unit) {
    constants(unit);
    double bits = unit.get("LANES") * (double) unit.get("STEPS") * unit.get("TB");
    // With a constant a LUT4 takes three bits and what the lower ones gave.
    add(Work.COMPARE, unit.get("NF") == 1 ? 0 : bits);
    add(Work.GATE, unit.get("NF") == 1 ? bits / 3 : 0);
    add(Work.GATE, 4 + unit.get("LANES") * 2.0 * (unit.get("STEPS") - 1));
  }

  private void requantize(Unit unit, Multiplier multiplier) {
    int lanes = unit.get("LANES");
    int ib = unit.get("IB") + 1;
    int mb = unit.get("MB");
    constants(unit);
    add(Work.GATE, 4 + lanes * 2.0 * unit.get("OB"));
    add(Work.COMPARE, lanes * (unit.get("BB") - unit.get("SHIFT")));
    add(Work.ADDER, lanes * unit.get("BB") * (1.0 + unit.get("RESIDUAL")));
    if (multiplier == null) {
      add(Work.PRODUCT, (double) lanes * ib * mb);
      add(Work.PRODUCT, lanes * unit.get("RESIDUAL") * (unit.get("XB") + 1.0) * unit.get("RB"));
    } else {
      // Products of slices are added up.
      int slices = Math.max(0, multiplier.count(ib, mb) - 1);
      add(Work.ADDER, (double) lanes * slices * unit.get("BB"));
    }
  }

  private void max(Unit unit) {
    int bits = unit.get("LANES") * unit.get("XB");
    add(Work.COUNTER, unit.get("TB")).add(Work.GATE, 4);
    add(unit.get("XB") == 1 ? Work.GATE : Work.COMPARE, bits);
  }

  /** The address of constants, and the constants where they are made of LUTs. */
  private LutWork constants(Unit unit) {
    Rom rom = unit.rom();
    int rows = rom.rows().size();
    if (unit.kind() != Unit.Kind.MAC) {
      add(Work.COUNTER, counter(rows));
    }
    // Of two rows a bit is constant, the address or its opposite; of 16 it is one LUT4.
    double perBit =
        rows == 1
            ? 0
            : rows <= 2 ? 0.1 : rows <= 4 ? 0.4 : rows <= 8 ? 0.85 : rows <= 16 ? 1 : rows / 8.5;
    return add(Work.ROM, Estimate.isBlock(rows, rom.width()) ? 0 : perBit * rom.width());
  }
}
