package org.helu.device.rtl.design;

import org.helu.runtime.op.Window;

/** Clocks that a layer is busy for one sample. */
public final class Cycles {
  private Cycles() {}

  /** The greatest of what enters, is computed and leaves, where nothing stalls. */
  public static long of(Layer layer, Folding.Fold fold) {
    return switch (layer) {
      case Layer.Matrix matrix -> {
        long nf = matrix.out().channels() / fold.pe();
        long sf = matrix.synapses() / fold.simd();
        long computed = matrix.out().pixels() * nf * sf;
        yield Math.max(computed, matrix.in().elements() / fold.simd());
      }
      case Layer.Pool pool -> {
        Window window = pool.window();
        long cf = pool.in().channels() / fold.simd();
        long read = pool.out().pixels() * cf * window.taps();
        yield Math.max(read, pool.in().pixels() * cf);
      }
      case Layer.Scale scale -> scale.out().elements() / fold.pe();
    };
  }

  /** The busiest layer's clocks: a sample enters and one leaves every so many. */
  public static long interval(Network network, Folding folding) {
    long most = 1;
    for (int i = 0; i < network.layers().size(); i++) {
      most = Math.max(most, of(network.layers().get(i), folding.folds().get(i)));
    }
    return most;
  }
}
