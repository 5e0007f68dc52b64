package org.helu.device.rtl.design;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.helu.runtime.op.Codes;

/** The parameters of a helu_mac. */
final class MacSizes {
  /** Lanes that are summed between two registers; beyond, two clocks are taken. */
  private static final int MAX_BIT_GROUP = 24;

  private static final int MAX_PRODUCT_GROUP = 4;

  private MacSizes() {}

  static SequencedMap<String, Long> of(
      Layer.Matrix layer, MatrixNumbers numbers, Folding.Fold fold, int sf, int nf) {
    int simd = fold.simd();
    int most = !numbers.oneBit ? MAX_PRODUCT_GROUP : numbers.paired ? simd : MAX_BIT_GROUP;
    int groups = Math.ceilDiv(simd, most);
    int group = Math.ceilDiv(simd, groups);
    Codes codes = layer.codes();
    int greatest = (1 << numbers.xBits) - 1;
    int least = Math.min(codes.value(0), Math.min(codes.pad(), 0));
    int top = Math.max(codes.value(greatest), codes.pad());
    // The doubled code, before the zero point is taken off, must fit too.
    int valueBits = Bits.signed(least, Math.max(top, codes.step() * greatest));
    int partBits;
    int incrementBits;
    int levels = groups == 1 ? 0 : 1;
    if (numbers.paired) {
      int pairs = simd / 2;
      partBits = 1;
      incrementBits = Bits.unsigned((2L * greatest + 1) * pairs + greatest * (simd % 2));
      levels = Math.max(0, Bits.unsigned(Math.ceilDiv(simd, 2) - 1) - 1);
    } else if (numbers.oneBit) {
      partBits = Bits.unsigned((long) greatest * group);
      incrementBits = Bits.unsigned((long) greatest * simd);
    } else {
      long product = 1L << (valueBits - 1 + numbers.weightBits - 1);
      partBits = Bits.signed(-product * group, product * group);
      incrementBits = Bits.signed(-product * simd, product * simd);
    }
    SequencedMap<String, Long> map = new LinkedHashMap<>();
    map.put("SIMD", (long) simd);
    map.put("PE", (long) fold.pe());
    map.put("XB", (long) numbers.xBits);
    map.put("VB", (long) valueBits);
    map.put("WB", (long) numbers.weightBits);
    map.put("SF", (long) sf);
    map.put("NF", (long) nf);
    map.put("AW", (long) Bits.unsigned((long) sf * nf - 1));
    map.put("SB", (long) Bits.unsigned(sf - 1));
    map.put("GROUPS", (long) groups);
    map.put("GROUP", (long) group);
    map.put("LEVELS", (long) levels);
    map.put("PARTB", (long) (groups == 1 ? incrementBits : partBits));
    map.put("INCB", (long) incrementBits);
    map.put("ACCB", (long) numbers.sumBits());
    map.put("HALF", numbers.half ? 1L : 0L);
    map.put("STEP", (long) codes.step());
    map.put("ZERO", (long) codes.zero());
    map.put("PADVALUE", (long) codes.pad());
    return map;
  }
}
