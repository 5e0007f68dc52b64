package org.helu.device.tornado.fpga;

import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.PoolKind;

/** Counts what the code of a node takes. */
final class LayerEstimates {
  /** Of loops that carry a sum of floats: the adder's clocks are the tool's choice. */
  private static final int UNKNOWN = 0;

  /** Of 32 bits in the 512 that boards' memory gives a clock. */
  private static final int PORT_ELEMENTS = 16;

  private LayerEstimates() {}

  /** Elements of a value that are copied at once: as many as divide it, and a memory port takes. */
  static int copied(Value value) {
    int width = PORT_ELEMENTS;
    while (value.length() % width != 0) {
      width--;
    }
    return width;
  }

  /** A copy of an input from an array of the host. */
  static LayerEstimate load(String name, Value x) {
    return copy(name, "load", x, x.bits());
  }

  /** A copy of an output to an array of the host. */
  static LayerEstimate store(String name, Value y) {
    return copy(name, "store", y, 0);
  }

  private static LayerEstimate copy(String name, String op, Value value, long ramBits) {
    int width = copied(value);
    long turns = value.length() / width;
    return new LayerEstimate(name, op, width, 1, value.length(), 0, ramBits, 1, turns);
  }

  /**
   * The estimate of a node.
   *
   * @param matrix of a node with weights, else null
   * @param romBits of its constants
   */
  static LayerEstimate of(Layer layer, Matrix matrix, long romBits) {
    Fold fold = layer.fold();
    long elements = layer.y().type().shape().elementsPerSample();
    long operations = matrix == null ? elements : matrix.multiplyAccumulates();
    return new LayerEstimate(
        layer.node().name(),
        layer.op().name(),
        fold.pe(),
        fold.simd(),
        operations,
        romBits,
        layer.y().bits(),
        interval(layer),
        matrix == null ? turns(layer) : matrix.turns(fold));
  }

  private static int interval(Layer layer) {
    return switch (layer.op()) {
      case DeviceOp.Dense _, DeviceOp.Conv2d _, DeviceOp.Reduce _ -> UNKNOWN;
      case DeviceOp.Pool2d pool when pool.kind() != PoolKind.MAX || layer.x().isFloat() -> UNKNOWN;
      default -> 1;
    };
  }

  private static long turns(Layer layer) {
    Value x = layer.x();
    Value y = layer.y();
    return switch (layer.op()) {
      case DeviceOp.Pool2d pool -> {
        long written = x.isPacked() && x.planes() == 1 ? y.length() : (long) y.rows() * y.last();
        yield written * pool.window().taps();
      }
      case DeviceOp.Reduce _ -> x.length();
      default -> (long) y.rows() * y.last();
    };
  }
}
