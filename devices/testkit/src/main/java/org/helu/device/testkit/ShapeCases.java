package org.helu.device.testkit;

import static org.helu.runtime.tensor.Shape.BATCH;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.PadMode;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Cases of the ops that move elements. */
final class ShapeCases {
  private static final Fill[] BITS = {Fill.NAN, Fill.INFINITE, Fill.SIGNED_ZERO, Fill.DENORMAL};

  private ShapeCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    reshapes(cases);
    transposes(cases);
    concats(cases);
    slices(cases);
    pads(cases);
    gathers(cases);
    return cases;
  }

  private static void reshapes(List<OpCase> cases) {
    int[][][] pairs = {
      {{BATCH, 4, 5, 6}, {BATCH, 120}},
      {{BATCH, 120}, {BATCH, 4, 5, 6}},
      {{BATCH, 7}, {BATCH, 7}},
      {{BATCH}, {BATCH, 1, 1}},
    };
    for (int[][] pair : pairs) {
      String name = "Reshape " + Shape.of(pair[0]) + " to " + Shape.of(pair[1]);
      cases.add(
          new CaseBuilder(name)
              .input(pair[0])
              .trials(BITS)
              .of(new DeviceOp.Reshape(Shape.of(pair[1]))));
    }
    cases.add(
        new CaseBuilder("Reshape static")
            .input(2, 3, 4)
            .trial(Fill.UNIFORM, 1, 1)
            .of(new DeviceOp.Reshape(Shape.of(6, 4))));
  }

  private static void transposes(List<OpCase> cases) {
    List<List<Integer>> permutations =
        List.of(
            List.of(0, 2, 3, 1),
            List.of(0, 3, 1, 2),
            List.of(0, 1, 2, 3),
            List.of(0, 3, 2, 1),
            List.of(0, 2, 1, 3));
    for (List<Integer> permutation : permutations) {
      for (int[] dims : new int[][] {{BATCH, 3, 5, 7}, {BATCH, 17, 4, 33}, {BATCH, 1, 28, 28}}) {
        cases.add(
            new CaseBuilder("Transpose " + Shape.of(dims) + " by " + permutation)
                .input(dims)
                .trials(BITS)
                .of(new DeviceOp.Transpose(permutation)));
      }
    }
    cases.add(
        new CaseBuilder("Transpose static matrix")
            .input(5, 33)
            .trial(Fill.UNIFORM, 1, 1)
            .of(new DeviceOp.Transpose(List.of(1, 0))));
    cases.add(
        new CaseBuilder("Transpose int64")
            .input(new TensorType(ElementType.INT64, Shape.of(BATCH, 3, 4)))
            .of(new DeviceOp.Transpose(List.of(0, 2, 1))));
  }

  private static void concats(List<OpCase> cases) {
    cases.add(
        new CaseBuilder("Concat of channels")
            .input(BATCH, 3, 4, 5)
            .input(BATCH, 3, 4, 33)
            .input(BATCH, 3, 4, 1)
            .trials(BITS)
            .of(new DeviceOp.Concat(-1)));
    cases.add(
        new CaseBuilder("Concat of rows")
            .input(BATCH, 3, 4)
            .input(BATCH, 2, 4)
            .trials(BITS)
            .of(new DeviceOp.Concat(1)));
    cases.add(
        new CaseBuilder("Concat of one").input(BATCH, 9).trials(BITS).of(new DeviceOp.Concat(1)));
    TensorType bytes = new TensorType(ElementType.UINT8, Shape.of(BATCH, 7));
    cases.add(
        new CaseBuilder("Concat of bytes").input(bytes).input(bytes).of(new DeviceOp.Concat(1)));
    TensorType longs = new TensorType(ElementType.INT64, Shape.of(BATCH, 7));
    cases.add(
        new CaseBuilder("Concat of longs").input(longs).input(longs).of(new DeviceOp.Concat(1)));
  }

  private static void slices(List<OpCase> cases) {
    slice(cases, new int[] {BATCH, 8, 9, 10}, List.of(0, 2, 3, 4), List.of(BATCH, 5, 6, 6), 1);
    slice(cases, new int[] {BATCH, 8, 9, 10}, List.of(0, 1, 0, 1), List.of(BATCH, 3, 4, 4), 2);
    slice(cases, new int[] {BATCH, 33}, List.of(0, 32), List.of(BATCH, 33), -1);
    slice(cases, new int[] {BATCH, 33}, List.of(0, 32), List.of(BATCH, 1), 1);
    slice(cases, new int[] {BATCH, 33}, List.of(0, 0), List.of(BATCH, 0), 1);
  }

  private static void slice(
      List<OpCase> cases, int[] dims, List<Integer> begin, List<Integer> size, int step) {
    List<Integer> steps = new ArrayList<>();
    for (int axis = 0; axis < dims.length; axis++) {
      steps.add(axis == 0 ? 1 : step);
    }
    cases.add(
        new CaseBuilder(
                "Slice " + Shape.of(dims) + " from " + begin + " by " + step + " of " + size)
            .input(dims)
            .trials(BITS)
            .of(new DeviceOp.Slice(begin, size, steps)));
  }

  private static void pads(List<OpCase> cases) {
    for (PadMode mode : PadMode.values()) {
      cases.add(
          new CaseBuilder("Pad " + mode)
              .input(BATCH, 5, 6, 3)
              .trials(BITS)
              .of(new DeviceOp.Pad(List.of(0, 1, 2, 0), List.of(0, 3, 0, 2), mode, -1.5f)));
      cases.add(
          new CaseBuilder("Pad by nothing, " + mode)
              .input(BATCH, 7)
              .of(new DeviceOp.Pad(List.of(0, 0), List.of(0, 0), mode, 0f)));
    }
  }

  private static void gathers(List<OpCase> cases) {
    cases.add(
        new CaseBuilder("Gather rows")
            .input(BATCH, 6, 5)
            .constant(Tensor.ofLongs(Shape.of(4), 0, 5, -1, 2))
            .trials(BITS)
            .of(new DeviceOp.Gather(1)));
    cases.add(
        new CaseBuilder("Gather a matrix of channels")
            .input(BATCH, 3, 7)
            .constant(Tensor.ofLongs(Shape.of(2, 2), 0, -7, 6, 3))
            .trials(BITS)
            .of(new DeviceOp.Gather(-1)));
    cases.add(
        new CaseBuilder("Gather one")
            .input(BATCH, 6, 5)
            .constant(Tensor.ofLongs(Shape.of(), -2))
            .of(new DeviceOp.Gather(1)));
  }
}
