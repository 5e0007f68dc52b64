package org.helu.device.vector;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.tensor.Shape;

/**
 * A box of elements that operands are read from with strides: as few axes as possible, since
 * neighbouring axes which every operand steps through evenly become one.
 */
final class Box {
  final Count first;
  final long[] extents;
  final long[][] strides;

  /** Elements behind one element of the first axis. */
  final long innerElements;

  private Box(Count first, long[] extents, long[][] strides) {
    this.first = first;
    this.extents = extents;
    this.strides = strides;
    long inner = 1;
    for (int axis = 1; axis < extents.length; axis++) {
      inner *= extents[axis];
    }
    this.innerElements = inner;
  }

  /**
   * @param shape the box; its first dimension may be the symbolic batch
   * @param operands one array of strides in elements for each operand, one stride an axis
   */
  static Box of(Shape shape, long[]... operands) {
    List<long[]> axes = new ArrayList<>(); // extent, then one stride per operand
    for (int axis = 0; axis < shape.rank(); axis++) {
      boolean batch = axis == 0 && shape.isBatched();
      if (shape.dim(axis) == 1 && !batch) {
        continue;
      }
      long[] entry = new long[operands.length + 1];
      entry[0] = batch ? 1 : shape.dim(axis);
      for (int i = 0; i < operands.length; i++) {
        entry[i + 1] = operands[i][axis];
      }
      long[] outer = axes.isEmpty() ? null : axes.getLast();
      if (outer != null && continues(outer, entry)) {
        entry[0] *= outer[0];
        axes.removeLast();
      }
      axes.add(entry);
    }
    if (axes.isEmpty()) {
      long[] one = new long[operands.length + 1];
      one[0] = 1;
      axes.add(one);
    }
    long[] extents = new long[axes.size()];
    long[][] strides = new long[operands.length][axes.size()];
    for (int axis = 0; axis < extents.length; axis++) {
      extents[axis] = axes.get(axis)[0];
      for (int i = 0; i < operands.length; i++) {
        strides[i][axis] = axes.get(axis)[i + 1];
      }
    }
    return new Box(new Count(extents[0], shape.isBatched()), extents, strides);
  }

  private static boolean continues(long[] outer, long[] inner) {
    for (int i = 1; i < outer.length; i++) {
      if (outer[i] != inner[i] * inner[0]) {
        return false;
      }
    }
    return true;
  }

  /** Strides with which {@code from} is read as {@code to}, 0 where it is repeated. */
  static long[] broadcast(Shape from, Shape to) {
    long[] own = from.strides();
    long[] strides = new long[to.rank()];
    for (int axis = 0; axis < from.rank(); axis++) {
      strides[axis + to.rank() - from.rank()] = from.dim(axis) == 1 ? 0 : own[axis];
    }
    return strides;
  }
}
