package org.helu.device.testkit;

import static org.helu.runtime.tensor.Shape.BATCH;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.Window;

/** Cases of Dense, Conv2d and BatchMatMul. */
final class MatrixCases {
  /** Around every vector and word width, a round number, and primes. */
  private static final int[] SIZES = {
    1, 2, 7, 10, 16, 31, 32, 33, 63, 64, 65, 97, 127, 128, 129, 257, 1000
  };

  private static final Fill[] ALL = Fill.values();

  private MatrixCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    dense(cases);
    conv(cases);
    matMul(cases);
    return cases;
  }

  private static void dense(List<OpCase> cases) {
    for (int i = 0; i < SIZES.length; i++) {
      // Each size once as K and once as O, with epilogues in turn.
      int outputs = SIZES[(i * 5 + 3) % SIZES.length];
      boolean bias = i % 2 == 0;
      boolean residual = i % 3 == 0;
      boolean gate = i % 4 < 2;
      cases.add(dense(SIZES[i], outputs, bias, residual, gate));
    }
    for (int combination = 0; combination < 8; combination++) {
      boolean bias = (combination & 1) != 0;
      boolean residual = (combination & 2) != 0;
      boolean gate = (combination & 4) != 0;
      cases.add(dense(65, 129, bias, residual, gate));
    }
    for (int rows : new int[] {1, 2, 5, 33}) {
      cases.add(
          new CaseBuilder("Dense rank 3, " + rows + " rows of 33 to 17")
              .input(BATCH, rows, 33)
              .weight(17, 33)
              .of(new DeviceOp.Dense(false, false, List.of(Epilogue.GATE))));
    }
    for (int batch : new int[] {1, 2, 3, 4, 5, 8, 13, 31}) {
      cases.add(
          new CaseBuilder("Dense batch " + batch)
              .input(BATCH, 70)
              .weight(80, 70)
              .weight(80)
              .trial(Fill.UNIFORM, batch, 31)
              .trial(Fill.SPARSE, batch, 31)
              .trial(Fill.UNIFORM, batch, 2)
              .of(new DeviceOp.Dense(true, false, List.of(Epilogue.GATE))));
    }
    cases.add(
        new CaseBuilder("Dense mostly closed, 500 to 600")
            .input(BATCH, 500)
            .weight(600, 500)
            .weight(600)
            .input(BATCH, 600)
            .trial(Fill.SPARSE, 7, 31)
            .trial(Fill.SPARSE, 1, 31)
            .of(new DeviceOp.Dense(true, true, List.of(Epilogue.GATE))));
    cases.add(
        new CaseBuilder("Dense all gates open")
            .input(BATCH, 129)
            .filled(0.5f, 65, 129)
            .trials(Fill.ONES, Fill.MINUS_ONES, Fill.ZEROS)
            .of(new DeviceOp.Dense(false, false, List.of(Epilogue.GATE))));
    cases.add(
        new CaseBuilder("Dense static shape, no batch symbol")
            .input(4, 33)
            .weight(10, 33)
            .trial(Fill.UNIFORM, 1, 1)
            .trial(Fill.UNIFORM, 3, 16)
            .of(new DeviceOp.Dense(false, false, List.of())));
    cases.add(
        new CaseBuilder("Dense without inputs")
            .input(BATCH, 0)
            .weight(5, 0)
            .weight(5)
            .of(new DeviceOp.Dense(true, false, List.of())));
  }

  private static OpCase dense(int k, int o, boolean bias, boolean residual, boolean gate) {
    String name = "Dense " + k + " to " + o + epilogueName(bias, residual, gate);
    CaseBuilder builder = new CaseBuilder(name).input(BATCH, k).weight(o, k);
    if (bias) {
      builder.weight(o);
    }
    if (residual) {
      builder.input(BATCH, o);
    }
    return builder
        .trials(ALL)
        .trial(Fill.UNIFORM, 7, 3)
        .of(new DeviceOp.Dense(bias, residual, gate ? List.of(Epilogue.GATE) : List.of()));
  }

  private static String epilogueName(boolean bias, boolean residual, boolean gate) {
    return (bias ? " +bias" : "") + (residual ? " +residual" : "") + (gate ? " +gate" : "");
  }

  private static void conv(List<OpCase> cases) {
    // Input sizes and channels; kernels from 1x1 to 7x7.
    cases.add(conv("1x1", 5, 5, 64, 64, 1, window(1, 1, 1, 1, 1, 1, 0, 0, 0, 0), 7));
    cases.add(conv("1x1 strided", 7, 6, 31, 33, 1, window(1, 1, 2, 2, 1, 1, 0, 0, 0, 0), 5));
    cases.add(conv("1x1 padded", 4, 4, 5, 3, 1, window(1, 1, 1, 1, 1, 1, 1, 0, 0, 2), 1));
    cases.add(conv("3x3 same", 8, 8, 16, 16, 1, window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1), 7));
    cases.add(conv("3x3 image", 9, 11, 3, 32, 1, window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1), 4));
    cases.add(conv("3x3 grey", 28, 28, 1, 10, 1, window(3, 3, 1, 1, 1, 1, 0, 0, 0, 0), 5));
    cases.add(conv("3x3 strided", 9, 8, 17, 31, 1, window(3, 3, 2, 2, 1, 1, 1, 1, 1, 1), 6));
    cases.add(conv("3x3 stride 2x1", 9, 8, 6, 65, 1, window(3, 3, 2, 1, 1, 1, 0, 1, 2, 0), 3));
    cases.add(conv("3x3 asymmetric", 6, 7, 33, 64, 1, window(3, 3, 1, 1, 1, 1, 0, 0, 1, 1), 4));
    cases.add(conv("3x3 dilated", 9, 10, 8, 17, 1, window(3, 3, 1, 1, 2, 3, 2, 3, 2, 3), 5));
    cases.add(conv("2x5 mixed", 7, 12, 5, 20, 1, window(2, 5, 3, 2, 2, 1, 1, 4, 0, 2), 7));
    cases.add(conv("5x5", 12, 12, 6, 16, 1, window(5, 5, 1, 1, 1, 1, 2, 2, 2, 2), 4));
    cases.add(conv("7x7 strided", 15, 15, 3, 64, 1, window(7, 7, 2, 2, 1, 1, 3, 3, 3, 3), 5));
    cases.add(conv("1x3 row (1-D)", 1, 37, 12, 24, 1, window(1, 3, 1, 1, 1, 1, 0, 1, 0, 1), 5));
    cases.add(conv("whole image", 4, 4, 13, 129, 1, window(4, 4, 1, 1, 1, 1, 0, 0, 0, 0), 5));
    cases.add(
        conv("pad wider than kernel", 2, 2, 3, 4, 1, window(2, 2, 1, 1, 1, 1, 3, 3, 3, 3), 0));
    cases.add(conv("128 channels", 4, 4, 128, 127, 1, window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1), 7));
    cases.add(conv("3x3 odd sizes", 7, 9, 16, 32, 1, window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1), 7));
    cases.add(conv("3x3 valid", 8, 7, 32, 16, 1, window(3, 3, 1, 1, 1, 1, 0, 0, 0, 0), 5));
    cases.add(conv("3x3 one line", 3, 4, 64, 64, 1, window(3, 3, 1, 1, 1, 1, 0, 0, 0, 0), 2));
    cases.add(conv("3x3 wide padding", 4, 5, 48, 48, 1, window(3, 3, 1, 1, 1, 1, 2, 3, 1, 2), 3));
    cases.add(conv("3x3 many tiles", 30, 29, 16, 16, 1, window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1), 6));
    cases.add(conv("grouped 2", 6, 6, 8, 12, 2, window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1), 7));
    cases.add(conv("grouped 4, 1x1", 5, 5, 64, 32, 4, window(1, 1, 1, 1, 1, 1, 0, 0, 0, 0), 5));
    cases.add(conv("grouped 3, wide", 4, 5, 99, 66, 3, window(3, 3, 2, 1, 1, 1, 1, 1, 0, 0), 4));
    for (int c : new int[] {1, 3, 16, 31, 64, 67}) {
      cases.add(conv("depthwise", 7, 7, c, c, c, window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1), c % 8));
    }
    cases.add(conv("depthwise strided", 9, 9, 48, 48, 48, window(5, 5, 2, 2, 1, 1, 2, 2, 2, 2), 5));
    cases.add(conv("depthwise dilated", 9, 9, 33, 33, 33, window(3, 3, 1, 2, 2, 1, 2, 0, 1, 1), 7));
    cases.add(conv("depthwise x2", 6, 6, 20, 40, 20, window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1), 5));
    cases.add(conv("depthwise x2, odd", 5, 6, 33, 66, 33, window(3, 3, 2, 2, 1, 1, 1, 0, 1, 1), 2));
    for (int combination = 0; combination < 8; combination++) {
      Window same = window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1);
      cases.add(conv("epilogues", 5, 5, 7, 19, 1, same, combination));
      cases.add(conv("depthwise epilogues", 5, 5, 19, 19, 19, same, combination));
    }
    cases.add(
        new CaseBuilder("Conv2d static shape, no batch symbol")
            .input(1, 6, 6, 4)
            .weight(9, 3, 3, 4)
            .trial(Fill.UNIFORM, 1, 1)
            .trial(Fill.UNIFORM, 3, 2)
            .of(new DeviceOp.Conv2d(Window.ofKernel(3, 3), 1, false, false, List.of())));
  }

  private static Window window(
      int kh, int kw, int sh, int sw, int dh, int dw, int top, int left, int bottom, int right) {
    return new Window(kh, kw, sh, sw, dh, dw, top, left, bottom, right);
  }

  /** {@code combination}: bit 0 bias, bit 1 residual, bit 2 gate. */
  private static OpCase conv(
      String what, int h, int w, int c, int o, int groups, Window window, int combination) {
    boolean bias = (combination & 1) != 0;
    boolean residual = (combination & 2) != 0;
    boolean gate = (combination & 4) != 0;
    String size = " " + h + "x" + w + "x" + c + " to " + o;
    String name = "Conv2d " + what + size + epilogueName(bias, residual, gate);
    CaseBuilder builder =
        new CaseBuilder(name)
            .input(BATCH, h, w, c)
            .weight(o, window.kernelH(), window.kernelW(), c / groups);
    if (bias) {
      builder.weight(o);
    }
    if (residual) {
      builder.input(BATCH, window.outH(h), window.outW(w), o);
    }
    return builder
        .trials(Fill.UNIFORM, Fill.SPARSE, Fill.LARGE, Fill.DENORMAL, Fill.NAN, Fill.INFINITE)
        .trial(Fill.SIGNED_ZERO, 5, 2)
        .of(
            new DeviceOp.Conv2d(
                window, groups, bias, residual, gate ? List.of(Epilogue.GATE) : List.of()));
  }

  private static void matMul(List<OpCase> cases) {
    int[][][] shapes = {
      {{BATCH, 3, 5}, {BATCH, 5, 4}},
      {{BATCH, 2, 7, 33}, {BATCH, 2, 33, 9}},
      {{BATCH, 4, 8, 6}, {4, 6, 5}},
      {{BATCH, 5, 6}, {6, 17}},
      {{BATCH, 3, 8}, {8}},
    };
    for (int[][] pair : shapes) {
      String name = "BatchMatMul of rank " + pair[0].length + " and " + pair[1].length;
      CaseBuilder builder = new CaseBuilder(name).input(pair[0]);
      // A static operand is a constant: sessions take the same number of samples for every input.
      if (pair[1][0] == BATCH) {
        builder.input(pair[1]);
      } else {
        builder.weight(pair[1]);
      }
      cases.add(builder.trials(Fill.UNIFORM, Fill.LARGE).of(new DeviceOp.BatchMatMul()));
    }
  }
}
