package org.helu.device.tornado.kernel;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * Ops that move elements and do not change them. TornadoVM's kernels take concrete array types, so
 * each comes for floats, ints (every integer type of up to 32 bits, and BOOL) and longs.
 */
public final class MoveKernels {
  private MoveKernels() {}

  /** {@code y[i] = x[index[i]]} within each sample, {@code fill} where the index is negative. */
  public static void heluMoveFloat(
      FloatArray x,
      FloatArray y,
      IntArray index,
      IntArray batch,
      int maxBatch,
      int size,
      int xStride,
      float fill) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          int from = index.get(i);
          float value = fill;
          if (from >= 0) {
            value = x.get(n * xStride + from);
          }
          y.set(n * size + i, value);
        }
      }
    }
  }

  /** {@code y[i] = x[index[i]]} within each sample, {@code fill} where the index is negative. */
  public static void heluMoveInt(
      IntArray x,
      IntArray y,
      IntArray index,
      IntArray batch,
      int maxBatch,
      int size,
      int xStride,
      int fill) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          int from = index.get(i);
          int value = fill;
          if (from >= 0) {
            value = x.get(n * xStride + from);
          }
          y.set(n * size + i, value);
        }
      }
    }
  }

  /** {@code y[i] = x[index[i]]} within each sample, {@code fill} where the index is negative. */
  public static void heluMoveLong(
      LongArray x,
      LongArray y,
      IntArray index,
      IntArray batch,
      int maxBatch,
      int size,
      int xStride,
      long fill) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          int from = index.get(i);
          long value = fill;
          if (from >= 0) {
            value = x.get(n * xStride + from);
          }
          y.set(n * size + i, value);
        }
      }
    }
  }

  /**
   * One operand of a concatenation: runs of {@code inner} elements go to {@code offset} within
   * every run of {@code total}.
   */
  public static void heluJoinFloat(
      FloatArray x,
      FloatArray y,
      IntArray batch,
      int maxBatch,
      int size,
      int xStride,
      int yStride,
      int inner,
      int total,
      int offset) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          int at = n * yStride + i / inner * total + offset + i % inner;
          y.set(at, x.get(n * xStride + i));
        }
      }
    }
  }

  /**
   * One operand of a concatenation: runs of {@code inner} elements go to {@code offset} within
   * every run of {@code total}.
   */
  public static void heluJoinInt(
      IntArray x,
      IntArray y,
      IntArray batch,
      int maxBatch,
      int size,
      int xStride,
      int yStride,
      int inner,
      int total,
      int offset) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          int at = n * yStride + i / inner * total + offset + i % inner;
          y.set(at, x.get(n * xStride + i));
        }
      }
    }
  }

  /**
   * One operand of a concatenation: runs of {@code inner} elements go to {@code offset} within
   * every run of {@code total}.
   */
  public static void heluJoinLong(
      LongArray x,
      LongArray y,
      IntArray batch,
      int maxBatch,
      int size,
      int xStride,
      int yStride,
      int inner,
      int total,
      int offset) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          int at = n * yStride + i / inner * total + offset + i % inner;
          y.set(at, x.get(n * xStride + i));
        }
      }
    }
  }

  /** {@code y = c ? a : b}, broadcast: tables say which element of a sample is read. */
  public static void heluWhereFloat(
      IntArray c,
      FloatArray a,
      FloatArray b,
      FloatArray y,
      IntArray cIndex,
      IntArray aIndex,
      IntArray bIndex,
      IntArray batch,
      int maxBatch,
      int size,
      int cStride,
      int aStride,
      int bStride) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          float left = a.get(n * aStride + aIndex.get(i));
          float right = b.get(n * bStride + bIndex.get(i));
          y.set(n * size + i, c.get(n * cStride + cIndex.get(i)) != 0 ? left : right);
        }
      }
    }
  }

  /** {@code y = c ? a : b}, broadcast: tables say which element of a sample is read. */
  public static void heluWhereInt(
      IntArray c,
      IntArray a,
      IntArray b,
      IntArray y,
      IntArray cIndex,
      IntArray aIndex,
      IntArray bIndex,
      IntArray batch,
      int maxBatch,
      int size,
      int cStride,
      int aStride,
      int bStride) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          int left = a.get(n * aStride + aIndex.get(i));
          int right = b.get(n * bStride + bIndex.get(i));
          y.set(n * size + i, c.get(n * cStride + cIndex.get(i)) != 0 ? left : right);
        }
      }
    }
  }

  /** {@code y = c ? a : b}, broadcast: tables say which element of a sample is read. */
  public static void heluWhereLong(
      IntArray c,
      LongArray a,
      LongArray b,
      LongArray y,
      IntArray cIndex,
      IntArray aIndex,
      IntArray bIndex,
      IntArray batch,
      int maxBatch,
      int size,
      int cStride,
      int aStride,
      int bStride) {
    for (@Parallel int n = 0; n < maxBatch; n++) {
      for (@Parallel int i = 0; i < size; i++) {
        if (n < batch.get(0)) {
          long left = a.get(n * aStride + aIndex.get(i));
          long right = b.get(n * bStride + bIndex.get(i));
          y.set(n * size + i, c.get(n * cStride + cIndex.get(i)) != 0 ? left : right);
        }
      }
    }
  }
}
