package org.helu.device.testkit;

import static org.helu.runtime.tensor.Shape.BATCH;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Shape;

/** Cases of Pool2d, Reduce, Softmax and LayerNorm. */
final class WindowCases {
  private static final Fill[] ALL = Fill.values();

  private WindowCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    pools(cases);
    reductions(cases);
    softmaxes(cases);
    norms(cases);
    return cases;
  }

  private static void pools(List<OpCase> cases) {
    Window[] windows = {
      new Window(2, 2, 2, 2, 1, 1, 0, 0, 0, 0),
      new Window(3, 3, 2, 2, 1, 1, 1, 1, 1, 1),
      new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1),
      new Window(2, 3, 2, 1, 1, 1, 0, 1, 1, 0),
      new Window(3, 2, 2, 3, 2, 2, 1, 0, 1, 1),
      new Window(7, 8, 1, 1, 1, 1, 0, 0, 0, 0),
      new Window(1, 1, 2, 2, 1, 1, 0, 0, 0, 0),
    };
    for (PoolKind kind : PoolKind.values()) {
      for (Window window : windows) {
        for (boolean ceil : new boolean[] {false, true}) {
          cases.add(
              new CaseBuilder("Pool2d " + kind + " " + window + (ceil ? " ceil" : ""))
                  .input(BATCH, 7, 8, 19)
                  .trials(Fill.UNIFORM, Fill.INTEGERS, Fill.NAN, Fill.INFINITE, Fill.LARGE)
                  .of(new DeviceOp.Pool2d(kind, window, ceil)));
        }
      }
      for (int channels : new int[] {1, 16, 31, 64, 65, 127}) {
        cases.add(
            new CaseBuilder("Pool2d " + kind + " of " + channels + " channels")
                .input(BATCH, 4, 4, channels)
                .trials(ALL)
                .trial(Fill.UNIFORM, 5, 2)
                .of(new DeviceOp.Pool2d(kind, windows[0], false)));
      }
    }
  }

  private static void reductions(List<OpCase> cases) {
    List<List<Integer>> axes =
        List.of(List.of(1, 2), List.of(-1), List.of(1), List.of(2, 3), List.of(1, 2, 3));
    for (ReduceKind kind : ReduceKind.values()) {
      for (List<Integer> over : axes) {
        for (boolean keep : new boolean[] {false, true}) {
          cases.add(
              new CaseBuilder("Reduce " + kind + " over " + over + (keep ? " kept" : ""))
                  .input(BATCH, 4, 3, 35)
                  .trials(Fill.UNIFORM, Fill.INTEGERS, Fill.NAN, Fill.INFINITE)
                  .of(new DeviceOp.Reduce(kind, over, keep)));
        }
      }
    }
    for (int channels : new int[] {1, 16, 31, 64, 127, 1000}) {
      cases.add(
          new CaseBuilder("Reduce MEAN of 8x8x" + channels)
              .input(BATCH, 8, 8, channels)
              .trials(ALL)
              .of(new DeviceOp.Reduce(ReduceKind.MEAN, List.of(1, 2), false)));
    }
  }

  private static void softmaxes(List<OpCase> cases) {
    for (boolean log : new boolean[] {false, true}) {
      for (int size : new int[] {1, 2, 10, 33, 1000}) {
        cases.add(
            new CaseBuilder("Softmax of " + size + (log ? " log" : ""))
                .input(BATCH, size)
                .trials(Fill.UNIFORM, Fill.ZEROS, Fill.INTEGERS, Fill.LARGE, Fill.NAN)
                .of(new DeviceOp.Softmax(-1, log)));
      }
      for (int axis : new int[] {1, 2, 3}) {
        cases.add(
            new CaseBuilder("Softmax over axis " + axis + (log ? " log" : ""))
                .input(BATCH, 3, 4, 5)
                .trials(Fill.UNIFORM, Fill.LARGE)
                .of(new DeviceOp.Softmax(axis, log)));
      }
    }
  }

  private static void norms(List<OpCase> cases) {
    for (int axis : new int[] {-1, 1}) {
      int[] parameter = axis == 1 ? new int[] {5, 33} : new int[] {33};
      for (boolean bias : new boolean[] {false, true}) {
        String name = "LayerNorm over " + Shape.of(parameter) + (bias ? " +bias" : "");
        CaseBuilder builder = new CaseBuilder(name).input(BATCH, 5, 33).weight(parameter);
        if (bias) {
          builder.weight(parameter);
        }
        cases.add(
            builder
                .trials(Fill.UNIFORM, Fill.ZEROS, Fill.INTEGERS, Fill.NAN)
                .of(new DeviceOp.LayerNorm(axis, 1e-5f)));
      }
    }
  }
}
