package org.helu.device.testkit;

import java.util.List;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.reference.ReferenceKernels;
import org.helu.runtime.reference.ScalarFunctions;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Encoding;
import org.helu.runtime.tensor.Tensor;

/** Compares what a device computed for one node with the reference kernel on the same operands. */
public final class NodeCheck {
  private NodeCheck() {}

  /**
   * Throws an AssertionError at the first element that differs by more than the op's tolerance.
   *
   * @param where for the message
   * @param op with its batch bound
   * @param operands what the device's node read
   * @param actual what it wrote; gated with its mask, or plain where a session gave it out
   */
  public static void check(String where, DeviceOp op, List<Tensor> operands, Tensor actual) {
    Tensor expected = ReferenceKernels.evaluate(op, operands);
    if (!expected.shape().equals(actual.shape())
        || expected.type().elementType() != actual.type().elementType()
        || expected.type().planes() != actual.type().planes()) {
      throw new AssertionError(
          where + ": expected " + expected.type() + ", found " + actual.type());
    }
    boolean maskGiven = actual.type().encoding() instanceof Encoding.Gated;
    if (op instanceof IntegerOp && expected.type().encoding() instanceof Encoding.Gated) {
      checkSameMagnitudes(where, expected, actual);
      if (maskGiven) {
        checkMask(where, actual);
      }
    } else if (expected.type().encoding() instanceof Encoding.Gated) {
      checkGated(where, op, operands, actual, maskGiven);
    } else if (maskGiven) {
      throw new AssertionError(where + ": expected a plain value, found " + actual.type());
    } else if (expected.type().elementType() == ElementType.FLOAT32) {
      checkFloats(where, op, operands, expected, actual);
    } else {
      checkBytes(where, expected, actual);
    }
  }

  private static void checkBytes(String where, Tensor expected, Tensor actual) {
    long at = expected.data().mismatch(actual.data());
    if (at >= 0) {
      long element = firstDifferent(expected, actual);
      if (element < 0) {
        throw new AssertionError(where + ": a bit behind the end of a packed row is set");
      }
      throw different(
          where, element, expected.getLong(element), actual.getLong(element), "exactly equal");
    }
  }

  private static void checkSameMagnitudes(String where, Tensor expected, Tensor actual) {
    long bytes = expected.type().dataBytes();
    long at = expected.data().asSlice(0, bytes).mismatch(actual.data().asSlice(0, bytes));
    if (at >= 0) {
      long i = at / 4;
      throw different(where, i, expected.getFloat(i), actual.getFloat(i), "the same bits");
    }
  }

  private static long firstDifferent(Tensor expected, Tensor actual) {
    for (long i = 0; i < expected.elements(); i++) {
      if (expected.getLong(i) != actual.getLong(i)) {
        return i;
      }
    }
    return -1;
  }

  private static void checkFloats(
      String where, DeviceOp op, List<Tensor> operands, Tensor expected, Tensor actual) {
    Tolerance.Rule rule = Tolerance.rule(op);
    if (rule == Tolerance.Rule.BITS) {
      long at = expected.data().mismatch(actual.data());
      if (at >= 0) {
        long i = at / 4;
        throw different(where, i, expected.getFloat(i), actual.getFloat(i), "the same bits");
      }
      return;
    }
    double[] bounds =
        rule == Tolerance.Rule.BOUNDED ? Tolerance.bounds(op, operands, expected) : null;
    for (int i = 0; i < expected.elements(); i++) {
      double bound = bounds == null ? 0 : bounds[i];
      if (!near(expected.getFloat(i), actual.getFloat(i), bound)) {
        throw different(where, i, expected.getFloat(i), actual.getFloat(i), "within " + bound);
      }
    }
  }

  private static boolean near(float expected, float actual, double bound) {
    if (bound == Double.POSITIVE_INFINITY) {
      return true; // finite operands overflowed: the order of summation decides
    }
    if (Float.isNaN(expected) || Float.isNaN(actual)) {
      return Float.isNaN(expected) && Float.isNaN(actual);
    }
    if (expected == actual) {
      return true;
    }
    if (Float.isInfinite(expected) || Float.isInfinite(actual)) {
      // One side may round just past the largest number where the other does not.
      double finite = Float.isInfinite(expected) ? actual : expected;
      double infinite = Float.isInfinite(expected) ? expected : actual;
      return !Double.isInfinite(finite)
          && finite * infinite > 0
          && Math.abs(finite) + bound >= Float.MAX_VALUE;
    }
    return Math.abs((double) expected - actual) <= bound;
  }

  private static void checkGated(
      String where, DeviceOp op, List<Tensor> operands, Tensor actual, boolean maskGiven) {
    float[] z;
    double[] bounds = null;
    if (op instanceof DeviceOp.Gate) {
      z = operands.get(0).toFloats();
    } else {
      DeviceOp open = Tolerance.withoutEpilogue(op);
      Tensor before = ReferenceKernels.evaluate(open, operands);
      z = before.toFloats();
      bounds = Tolerance.bounds(open, operands, before);
    }
    for (int i = 0; i < z.length; i++) {
      double bound = bounds == null ? 0 : bounds[i];
      boolean gate = ScalarFunctions.gate(z[i]);
      float found = actual.getFloat(i);
      if (!near(gate ? z[i] : 0f, found, bound)) {
        throw different(where, i, gate ? z[i] : 0f, found, "within " + bound);
      }
      if (Float.floatToRawIntBits(found) == Float.floatToRawIntBits(-0f) || found < 0) {
        throw different(where, i, 0, found, "at least +0, behind a gate");
      }
      if (bound == 0 && gate && Float.floatToRawIntBits(z[i]) != Float.floatToRawIntBits(found)) {
        throw different(where, i, z[i], found, "the same bits");
      }
    }
    if (maskGiven) {
      checkMask(where, actual);
    }
  }

  /** The mask must say of every stored magnitude whether its gate is open; its tail is zero. */
  static void checkMask(String where, Tensor gated) {
    int last = gated.shape().last();
    long words = gated.type().wordsPerRow();
    for (long i = 0; i < gated.elements(); i++) {
      boolean open = ScalarFunctions.gate(gated.getFloat(i));
      if (gated.getBit(i) != open) {
        throw different(
            where + " mask", i, open ? 1 : 0, gated.getBit(i) ? 1 : 0, "as the magnitude");
      }
    }
    if ((last & 63) == 0) {
      return;
    }
    for (long row = 0; row < gated.type().rows(); row++) {
      long offset = gated.type().maskOffset() + (row * words + words - 1) * 8;
      long tail = gated.data().get(Tensor.LONG, offset) >>> (last & 63);
      if (tail != 0) {
        throw new AssertionError(where + ": mask row " + row + " has bits behind channel " + last);
      }
    }
  }

  private static AssertionError different(
      String where, long element, Object expected, Object actual, String rule) {
    return new AssertionError(
        where
            + ": element "
            + element
            + ": expected "
            + expected
            + ", found "
            + actual
            + " (must be "
            + rule
            + ")");
  }
}
