package org.helu.device.rtl.design;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.BiConsumer;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.tensor.Tensor;

/** The unit behind the sums of a layer, with its constants. */
final class EpilogueUnits {
  private final String prefix;
  private final int layer;
  private final int nf;
  private final int lanes;

  EpilogueUnits(String prefix, int layer, int nf, int lanes) {
    this.prefix = prefix;
    this.layer = layer;
    this.nf = nf;
    this.lanes = lanes;
  }

  Unit of(Layer.Matrix matrix, MatrixNumbers numbers, Wire sums, Wire residual, Wire out) {
    boolean signed = !numbers.oneBit;
    return switch (matrix.epilogue()) {
      case null -> offset(numbers, signed, sums, out);
      case Epilogue.Threshold threshold -> {
        SequencedMap<String, Long> map = thresholdParameters(sums, signed, threshold, out, false);
        Rom rom =
            rom(
                "thresholds",
                lanes * threshold.steps() * sums.bits(),
                (row, o) -> {
                  for (int t = 1; t <= threshold.steps(); t++) {
                    long least = Parameters.get(matrix.parameters(), o, t);
                    row.add(numbers.threshold(o, least), sums.bits());
                  }
                });
        yield unit("threshold", Unit.Kind.THRESHOLD, map, List.of(sums), out, rom);
      }
      case Epilogue.Requantize requantize ->
          requantize(
              requantize,
              matrix.parameters(),
              numbers.scale,
              numbers.offsets,
              Math.max(Math.abs(numbers.low), Math.abs(numbers.high)),
              signed,
              sums,
              residual,
              out);
      default -> throw new IllegalStateException(matrix.node().label());
    };
  }

  Unit of(Layer.Scale scale, Wire x, Wire out) {
    Tensor parameters = scale.parameters();
    if (scale.epilogue() instanceof Epilogue.Requantize requantize) {
      long most = scale.signed() ? 1L << 31 : (1L << x.bits()) - 1;
      long[] zeros = new long[scale.out().channels()];
      return requantize(requantize, parameters, 1, zeros, most, scale.signed(), x, null, out);
    }
    Epilogue.Threshold threshold = (Epilogue.Threshold) scale.epilogue();
    // Thresholds may lie one above all codes; sums of 32 bits never reach 2^31.
    long low = scale.signed() ? Integer.MIN_VALUE : 0;
    long high = scale.signed() ? Integer.MAX_VALUE : (1L << x.bits()) - 1;
    int bits = scale.signed() ? 33 : x.bits() + 1;
    SequencedMap<String, Long> map = thresholdParameters(x, scale.signed(), threshold, out, true);
    map.put("TB", (long) bits);
    Rom rom =
        rom(
            "thresholds",
            lanes * (threshold.steps() * bits + 1),
            (row, o) -> {
              boolean falls = Parameters.get(parameters, o, 0) < 0;
              for (int t = 1; t <= threshold.steps(); t++) {
                long least = Parameters.get(parameters, o, t);
                // -z >= t is not z >= 1 - t; the unit counts the latter and subtracts.
                row.add(Math.clamp(falls ? 1 - least : least, low, high + 1), bits);
              }
              row.add(falls ? 1 : 0, 1);
            });
    return unit("threshold", Unit.Kind.THRESHOLD, map, List.of(x), out, rom);
  }

  private SequencedMap<String, Long> thresholdParameters(
      Wire x, boolean signed, Epilogue.Threshold threshold, Wire out, boolean turns) {
    SequencedMap<String, Long> map = start(x, signed);
    map.put("TB", (long) x.bits());
    map.put("STEPS", (long) threshold.steps());
    map.put("TURNS", turns ? 1L : 0L);
    map.put("OB", (long) out.bits());
    return finish(map);
  }

  private Unit offset(MatrixNumbers numbers, boolean signed, Wire sums, Wire out) {
    SequencedMap<String, Long> map = start(sums, signed);
    map.put("SHIFT", (long) numbers.scale - 1);
    long least = Arrays.stream(numbers.offsets).min().orElseThrow() + numbers.scale * numbers.low;
    long most = Arrays.stream(numbers.offsets).max().orElseThrow() + numbers.scale * numbers.high;
    int bits = Math.min(out.bits(), Bits.signed(least, most));
    map.put("RB", (long) bits);
    map.put("OB", (long) out.bits());
    Rom rom = rom("offsets", lanes * bits, (row, o) -> row.add(numbers.offsets[o], bits));
    return unit("offset", Unit.Kind.OFFSET, finish(map), List.of(sums), out, rom);
  }

  private Unit requantize(
      Epilogue.Requantize requantize,
      Tensor parameters,
      int scale,
      long[] offsets,
      long mostSum,
      boolean signed,
      Wire sums,
      Wire residual,
      Wire out) {
    int channels = offsets.length;
    long[] m = new long[channels];
    long[] b = new long[channels];
    long[] r = new long[channels];
    long lowM = 0;
    long highM = 0;
    long lowR = 0;
    long highR = 0;
    BigInteger most = BigInteger.valueOf(2L * requantize.high());
    for (int o = 0; o < channels; o++) {
      long factor = Parameters.get(parameters, o, 0);
      m[o] = factor * scale;
      b[o] = factor * offsets[o] + Parameters.get(parameters, o, 1);
      r[o] = residual == null ? 0 : Parameters.get(parameters, o, 2);
      lowM = Math.min(lowM, m[o]);
      highM = Math.max(highM, m[o]);
      lowR = Math.min(lowR, r[o]);
      highR = Math.max(highR, r[o]);
      BigInteger sum =
          BigInteger.valueOf(Math.abs(m[o]))
              .multiply(BigInteger.valueOf(mostSum + 1))
              .add(BigInteger.valueOf(b[o]).abs())
              .add(BigInteger.valueOf(Math.abs(r[o]) * 256));
      most = most.max(sum);
    }
    int mBits = Bits.signed(lowM, highM);
    int rBits = residual == null ? 1 : Bits.signed(lowR, highR);
    int bBits = most.bitLength() + 1;
    SequencedMap<String, Long> map = start(sums, signed);
    map.put("MB", (long) mBits);
    map.put("RB", (long) rBits);
    map.put("BB", (long) bBits);
    map.put("RESIDUAL", residual == null ? 0L : 1L);
    map.put("XB", residual == null ? 1L : residual.bits());
    map.put("SHIFT", (long) requantize.shift());
    map.put("HIGH", (long) requantize.high());
    map.put("OB", (long) out.bits());
    Rom rom =
        rom(
            "factors",
            lanes * (mBits + rBits + bBits),
            (row, o) -> row.add(m[o], mBits).add(r[o], rBits).add(b[o], bBits));
    List<Wire> inputs = residual == null ? List.of(sums) : List.of(sums, residual);
    return unit("requantize", Unit.Kind.REQUANTIZE, finish(map), inputs, out, rom);
  }

  private SequencedMap<String, Long> start(Wire x, boolean signed) {
    SequencedMap<String, Long> map = new LinkedHashMap<>();
    map.put("LANES", (long) lanes);
    map.put("IB", (long) x.bits());
    map.put("SIGNED", signed ? 1L : 0L);
    return map;
  }

  private SequencedMap<String, Long> finish(SequencedMap<String, Long> map) {
    map.put("NF", (long) nf);
    map.put("AW", (long) Bits.unsigned(nf - 1));
    return map;
  }

  private Rom rom(String name, int width, BiConsumer<Rom.Row, Integer> fields) {
    List<BigInteger> rows = new ArrayList<>(nf);
    for (int n = 0; n < nf; n++) {
      Rom.Row row = new Rom.Row(width);
      for (int lane = 0; lane < lanes; lane++) {
        fields.accept(row, n * lanes + lane);
      }
      rows.add(row.toInteger());
    }
    return new Rom(prefix + "_" + name, width, rows);
  }

  private Unit unit(
      String name,
      Unit.Kind kind,
      SequencedMap<String, Long> parameters,
      List<Wire> inputs,
      Wire out,
      Rom rom) {
    return new Unit(prefix + "_" + name, kind, layer, parameters, inputs, List.of(out), null, rom);
  }
}
