package org.helu.compiler.lowbit;

import org.helu.compiler.pass.PassLog;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;

/** Makes codes of a sum: everything between it and the quantizer becomes integer thresholds. */
final class SumQuantizer {
  /** Codes up to this are compared step by step, and can be packed as bit planes. */
  static final int MAX_THRESHOLDS = 15;

  private static final int MAX_CODE = 255;

  private final Emitter emitter;
  private final PassLog log;

  SumQuantizer(Emitter emitter, PassLog log) {
    this.emitter = emitter;
    this.log = log;
  }

  /**
   * The codes that were emitted.
   *
   * @param value UINT8 codes
   * @param levels which of the quantizer's codes they stand for
   */
  record Emitted(String value, Levels levels) {}

  /** Emits the codes of {@code sum}; their float value is {@code a * (quantizer's code) + b}. */
  Emitted emit(Node node, Fact.Sum sum, Quantizer quantizer, double a, double b) {
    if (quantizer.high() > MAX_CODE) {
      throw new StaysFloat("it has " + (quantizer.high() + 1L) + " levels, more than 8 bits");
    }
    Fact.Sum ready = sum;
    boolean pooledFirst = false;
    if (!poolsCanFollow(sum)) {
      if (!poolsCanLead(sum)) {
        throw new StaysFloat(
            "a max pool stands between functions that decrease in some channels, so it cannot be"
                + " moved to the integers");
      }
      String value = sum.value();
      for (Node pool : sum.pools()) {
        value = emitter.pool(pool, value, emitter.fresh(pool.output() + "@sums"));
      }
      ready = sum.withValue(value);
      pooledFirst = true;
    }
    Chain chain = ready.whole();
    int channels = ready.channels();
    Steps[] steps = new Steps[channels];
    boolean[] reached = new boolean[quantizer.high() + 1];
    for (int c = 0; c < channels; c++) {
      int channel = c;
      steps[c] =
          Steps.search(
              z -> quantizer.code(chain.apply(z, channel), channel),
              chain.direction(c),
              ready.low()[c],
              ready.high()[c],
              quantizer.high());
      steps[c].markReached(ready.low()[c], ready.high()[c], reached);
    }
    Levels levels = Levels.of(reached, a, b);
    for (int c = 0; c < channels; c++) {
      steps[c] = levels.keep(steps[c]);
    }
    String output = emitter.fresh(node.output() + "@codes");
    boolean poolsFollow = !pooledFirst && !sum.pools().isEmpty();
    String stepped = poolsFollow ? emitter.fresh(node.output() + "@unpooled") : output;
    convert(node, ready, quantizer, chain, steps, levels, stepped);
    if (poolsFollow) {
      String value = stepped;
      for (int i = 0; i < sum.pools().size(); i++) {
        Node pool = sum.pools().get(i);
        boolean last = i == sum.pools().size() - 1;
        value = emitter.pool(pool, value, last ? output : emitter.fresh(pool.output() + "@codes"));
        log.note(pool, "moved behind the quantizer '" + node.name() + "': pools codes");
      }
    }
    return new Emitted(output, levels);
  }

  private void convert(
      Node node,
      Fact.Sum sum,
      Quantizer quantizer,
      Chain chain,
      Steps[] steps,
      Levels levels,
      String output) {
    int high = levels.high();
    if (high > MAX_THRESHOLDS) {
      FixedPoint fixed =
          FixedPoint.search(steps, slopes(quantizer, chain, steps), sum.low(), sum.high());
      if (fixed != null) {
        Tensor parameters = Tensors.fixedPoint(fixed);
        Epilogue epilogue = new Epilogue.Requantize(fixed.shift(), high);
        emitter.convert(node, sum.value(), sum.axis(), epilogue, parameters, output);
        log.note(node, "requantized in fixed point to " + (high + 1) + " levels, proved exact");
        return;
      }
    }
    Epilogue epilogue = new Epilogue.Threshold(high, ElementType.UINT8);
    emitter.convert(node, sum.value(), sum.axis(), epilogue, Tensors.thresholds(steps), output);
    String count = high == 1 ? "1 integer threshold" : high + " integer thresholds";
    String reason = high > MAX_THRESHOLDS ? "; no fixed point reproduces its ties" : "";
    String dropped =
        high < quantizer.high() ? "; " + (quantizer.high() - high) + " levels never occur" : "";
    log.note(node, count + " a channel on the sum" + reason + dropped);
  }

  private static double[] slopes(Quantizer quantizer, Chain chain, Steps[] steps) {
    double[] slopes = new double[steps.length];
    for (int c = 0; c < slopes.length; c++) {
      double slope =
          quantizer.unit() == null ? Double.NaN : chain.slope(c) / quantizer.unit().at(c);
      slopes[c] = Double.isFinite(slope) ? slope : steps[c].meanSlope();
    }
    return slopes;
  }

  /** Whether every pool's maximum passes through all that follows it: nothing there decreases. */
  private static boolean poolsCanFollow(Fact.Sum sum) {
    Chain after = Chain.IDENTITY;
    for (int i = sum.chains().size() - 1; i > 0; i--) {
      after = sum.chains().get(i).then(after);
      if (!after.increases(sum.channels())) {
        return false;
      }
    }
    return true;
  }

  /** Whether every pool can take maxima of the sums themselves. */
  private static boolean poolsCanLead(Fact.Sum sum) {
    Chain before = Chain.IDENTITY;
    for (int i = 0; i < sum.pools().size(); i++) {
      before = before.then(sum.chains().get(i));
      if (!before.increases(sum.channels())) {
        return false;
      }
    }
    return true;
  }
}
