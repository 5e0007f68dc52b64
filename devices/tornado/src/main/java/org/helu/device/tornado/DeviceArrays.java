package org.helu.device.tornado;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import org.helu.runtime.HeluException;
import org.helu.runtime.tensor.ElementType;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * TornadoVM's arrays and how tensors go in and out of them: FLOAT32 as floats, INT64 and the words
 * of BIT as longs, every other type as ints (byte arrays are where this version's code generation
 * is weakest).
 */
final class DeviceArrays {
  private DeviceArrays() {}

  /** Bytes that {@code elements} of a type take in an array. */
  static long bytes(ElementType type, long elements) {
    return Math.multiplyExact(Math.max(1, elements), isLong(type) ? 8L : 4L);
  }

  private static boolean isLong(ElementType type) {
    return type == ElementType.INT64 || type == ElementType.BIT;
  }

  /** A zeroed array; never empty, which TornadoVM does not take. */
  static TornadoNativeArray allocate(ElementType type, long elements) {
    if (elements > Integer.MAX_VALUE - 64) {
      throw HeluException.unsupported(
          "device/tornado",
          "a tensor of " + elements + " elements exceeds the 2^31 of an array",
          "compile with a smaller batch");
    }
    int size = Math.max(1, (int) elements);
    return switch (type) {
      case FLOAT32 -> new FloatArray(size);
      case INT64, BIT -> new LongArray(size);
      default -> new IntArray(size);
    };
  }

  static FloatArray floats(float[] values) {
    return values.length == 0 ? new FloatArray(1) : FloatArray.fromArray(values);
  }

  static IntArray ints(int... values) {
    return values.length == 0 ? new IntArray(1) : IntArray.fromArray(values);
  }

  /** Writes the elements of {@code from}, as many as it holds, to the array's start. */
  static void copyIn(ElementType type, MemorySegment from, TornadoNativeArray to) {
    MemorySegment target = to.getSegment();
    if (type.bytes() > 1 || type == ElementType.BIT) {
      MemorySegment.copy(from, 0, target, 0, from.byteSize());
      return;
    }
    IntArray ints = (IntArray) to;
    int count = Math.toIntExact(from.byteSize());
    for (int i = 0; i < count; i++) {
      byte value = from.get(JAVA_BYTE, i);
      ints.set(i, type == ElementType.INT8 ? value : value & 255);
    }
  }

  /** Reads as many elements as {@code to} holds from the array's start. */
  static void copyOut(ElementType type, TornadoNativeArray from, MemorySegment to) {
    MemorySegment source = from.getSegment();
    if (type.bytes() > 1 || type == ElementType.BIT) {
      MemorySegment.copy(source, 0, to, 0, to.byteSize());
      return;
    }
    IntArray ints = (IntArray) from;
    int count = Math.toIntExact(to.byteSize());
    for (int i = 0; i < count; i++) {
      to.set(JAVA_BYTE, i, (byte) ints.get(i));
    }
  }
}
