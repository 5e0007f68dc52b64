package org.helu.compiler.lowbit;

import java.util.List;
import org.helu.runtime.graph.Node;

/** What the lowering knows of a value of the float network: which integers it is made of. */
sealed interface Fact {
  /** The integer tensor, of the float value's shape (before its pending pools). */
  String value();

  /**
   * Quantized integers: {@code integer = distance * code + low}. Dequantization makes them {@link
   * Coded}.
   *
   * @param value UINT8 codes
   * @param high the largest code
   */
  record Raw(String value, int low, int distance, int high) implements Fact {}

  /**
   * {@code float = a * code + b}, the same for all channels.
   *
   * @param value UINT8 codes 0..high
   */
  record Coded(String value, int high, double a, double b) implements Fact {
    double least() {
      return Math.min(b, a * high + b);
    }
  }

  /**
   * {@code float = chains[n](pool[n-1](... chains[0](integer)))}: a sum, or codes, whose functions
   * and pools are pending until a quantizer decides.
   *
   * @param value INT32 sums or UINT8 codes
   * @param axis the axis of channels
   * @param low least integer per channel
   * @param high largest integer per channel
   * @param chains functions between the pools, one more than pools
   * @param pools pending max pools, NCHW
   */
  record Sum(String value, int axis, int[] low, int[] high, List<Chain> chains, List<Node> pools)
      implements Fact {
    public Sum {
      chains = List.copyOf(chains);
      pools = List.copyOf(pools);
    }

    int channels() {
      return low.length;
    }

    Chain whole() {
      Chain whole = Chain.IDENTITY;
      for (Chain chain : chains) {
        whole = whole.then(chain);
      }
      return whole;
    }

    Sum then(ChannelFunction function) {
      List<Chain> longer = new java.util.ArrayList<>(chains);
      longer.add(longer.removeLast().then(function));
      return new Sum(value, axis, low, high, longer, pools);
    }

    Sum pooled(Node pool) {
      List<Chain> longer = new java.util.ArrayList<>(chains);
      longer.add(Chain.IDENTITY);
      List<Node> more = new java.util.ArrayList<>(pools);
      more.add(pool);
      return new Sum(value, axis, low, high, longer, more);
    }

    Sum withValue(String other) {
      return new Sum(other, axis, low, high, chains, pools);
    }
  }

  /**
   * {@code float = sum + codes}, then ReLU if {@code relu}: the two branches of a residual block
   * with different scales, pending until a quantizer adds them in fixed point.
   *
   * @param sum a layer's sum with affine functions
   * @param codes the other branch
   * @param addition the node that adds them
   */
  record Residual(Sum sum, Coded codes, boolean relu, Node addition) implements Fact {
    @Override
    public String value() {
      return sum.value();
    }
  }
}
