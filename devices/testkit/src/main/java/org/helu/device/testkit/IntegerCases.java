package org.helu.device.testkit;

import static org.helu.runtime.tensor.Shape.BATCH;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.TensorType;

/** Cases of IntegerDense and IntegerConv2d: every encoding of codes and weights, every epilogue. */
final class IntegerCases {
  /** Around every word and vector width, a round number, and primes. */
  private static final int[] SIZES = {1, 3, 31, 32, 33, 63, 64, 65, 127, 128, 129, 257, 1000};

  private static final Fill[] FILLS = {Fill.ZEROS, Fill.ONES, Fill.SPARSE, Fill.LARGE};

  /** Codes of an activation edge: 1 to 8 bits in planes, or bytes. */
  private record Edge(ElementType element, int bits, Codes codes) {
    TensorType type(int... dims) {
      return element == ElementType.BIT
          ? TensorType.bits(Shape.of(dims), bits)
          : new TensorType(element, Shape.of(dims));
    }

    /** About the largest magnitude of a sum that random weights give. */
    long bound(ElementType weight, int terms) {
      long value = Math.max(codes.zero(), codes.step() * ((1L << bits) - 1L) - codes.zero());
      return (long) (value * (weight == ElementType.BIT ? 1 : 75) * Math.sqrt(terms)) + 1;
    }

    @Override
    public String toString() {
      return element + (element == ElementType.BIT ? "" + bits : "") + " " + codes;
    }
  }

  private static final Edge BITS = new Edge(ElementType.BIT, 1, Codes.UNSIGNED);
  private static final Edge BIPOLAR = new Edge(ElementType.BIT, 1, Codes.BIPOLAR);
  private static final Edge PLANES2 = new Edge(ElementType.BIT, 2, Codes.UNSIGNED);
  private static final Edge BYTES = new Edge(ElementType.UINT8, 8, Codes.UNSIGNED);

  private static final List<Edge> EDGES =
      List.of(
          BITS,
          BIPOLAR,
          new Edge(ElementType.BIT, 1, new Codes(2, 1, -1)),
          new Edge(ElementType.BIT, 1, new Codes(2, 1, 1)),
          PLANES2,
          new Edge(ElementType.BIT, 2, new Codes(2, 3, 0)),
          new Edge(ElementType.BIT, 3, Codes.ofZeroPoint(5)),
          new Edge(ElementType.BIT, 4, new Codes(1, 0, 3)),
          new Edge(ElementType.BIT, 8, Codes.UNSIGNED),
          BYTES,
          new Edge(ElementType.UINT8, 8, Codes.ofZeroPoint(128)),
          new Edge(ElementType.UINT8, 8, new Codes(2, 255, -7)));

  private static final List<ElementType> WEIGHTS = List.of(ElementType.BIT, ElementType.INT8);

  /** Lists of epilogues without and with an operand to add. */
  private static final List<List<Epilogue>> EPILOGUES =
      List.of(
          List.of(),
          List.of(new Epilogue.Threshold(1, ElementType.BIT)),
          List.of(new Epilogue.Threshold(1, ElementType.UINT8)),
          List.of(new Epilogue.Threshold(2, ElementType.BIT)),
          List.of(new Epilogue.Threshold(3, ElementType.BIT)),
          List.of(new Epilogue.Threshold(7, ElementType.BIT)),
          List.of(new Epilogue.Threshold(7, ElementType.UINT8)),
          List.of(new Epilogue.Threshold(15, ElementType.BIT)),
          List.of(new Epilogue.Threshold(15, ElementType.UINT8)),
          List.of(new Epilogue.Threshold(255, ElementType.BIT)),
          List.of(new Epilogue.Threshold(255, ElementType.UINT8)),
          List.of(new Epilogue.Requantize(0, 255)),
          List.of(new Epilogue.Requantize(24, 255)),
          List.of(new Epilogue.Requantize(31, 15)),
          List.of(new Epilogue.Requantize(62, 100)),
          List.of(Epilogue.AFFINE),
          List.of(Epilogue.AFFINE, Epilogue.GATE));

  private IntegerCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    dense(cases);
    denseEpilogues(cases);
    conv(cases);
    convEpilogues(cases);
    return cases;
  }

  private static void dense(List<OpCase> cases) {
    for (Edge edge : EDGES) {
      for (ElementType weight : WEIGHTS) {
        for (int i = 0; i < SIZES.length; i++) {
          int outputs = SIZES[(i * 5 + 3) % SIZES.length];
          cases.add(dense(edge, weight, SIZES[i], outputs, List.of(), outputs, false));
        }
        cases.add(
            new CaseBuilder("IntegerDense of rows, " + edge + " x " + weight)
                .input(edge.type(BATCH, 5, 70))
                .codes(new TensorType(weight, Shape.of(37, 70)))
                .trials(FILLS)
                .of(new IntegerOp.IntegerDense(edge.codes(), false, List.of())));
      }
    }
    for (int outputs : new int[] {1, 2, 7, 16, 17, 48, 64, 65, 100, 128, 130, 200, 300}) {
      for (Edge edge : List.of(BIPOLAR, PLANES2, BYTES)) {
        for (ElementType weight : WEIGHTS) {
          cases.add(
              named(edge, weight, 100, outputs, " in many rows")
                  .trial(Fill.UNIFORM, 1, 1)
                  .trial(Fill.UNIFORM, 37, 40)
                  .trial(Fill.UNIFORM, 9, 4)
                  .of(new IntegerOp.IntegerDense(edge.codes(), false, List.of())));
        }
      }
    }
    cases.add(
        new CaseBuilder("IntegerDense static")
            .input(BIPOLAR.type(6, 65))
            .codes(new TensorType(ElementType.BIT, Shape.of(9, 65)))
            .trial(Fill.UNIFORM, 1, 1)
            .trial(Fill.UNIFORM, 3, 1)
            .of(new IntegerOp.IntegerDense(Codes.BIPOLAR, false, List.of())));
  }

  private static CaseBuilder named(
      Edge edge, ElementType weight, int inputs, int outputs, String suffix) {
    return new CaseBuilder(
            "IntegerDense " + inputs + " to " + outputs + ", " + edge + " x " + weight + suffix)
        .input(edge.type(BATCH, inputs))
        .codes(new TensorType(weight, Shape.of(outputs, inputs)));
  }

  private static OpCase dense(
      Edge edge,
      ElementType weight,
      int inputs,
      int outputs,
      List<Epilogue> epilogues,
      int parameterRows,
      boolean residual) {
    String suffix =
        epilogues.isEmpty()
            ? ""
            : " " + epilogues + (parameterRows == 1 ? " for all" : "") + (residual ? " +x" : "");
    CaseBuilder builder = named(edge, weight, inputs, outputs, suffix);
    if (!epilogues.isEmpty()) {
      builder.parameters(epilogues.getFirst(), parameterRows, edge.bound(weight, inputs), residual);
    }
    if (residual) {
      builder.input(new TensorType(ElementType.UINT8, Shape.of(BATCH, outputs)));
    }
    return builder.trials(FILLS).of(new IntegerOp.IntegerDense(edge.codes(), residual, epilogues));
  }

  private static void denseEpilogues(List<OpCase> cases) {
    int[] outputs = {1, 10, 33, 64, 65, 127, 200};
    int next = 0;
    for (List<Epilogue> epilogues : EPILOGUES) {
      boolean requantized =
          !epilogues.isEmpty() && epilogues.getFirst() instanceof Epilogue.Requantize;
      for (Edge edge : List.of(BITS, BIPOLAR, PLANES2, BYTES)) {
        for (ElementType weight : WEIGHTS) {
          for (boolean perChannel : new boolean[] {true, false}) {
            int o = outputs[next++ % outputs.length];
            cases.add(dense(edge, weight, 99, o, epilogues, perChannel ? o : 1, false));
            if (requantized) {
              cases.add(dense(edge, weight, 99, o, epilogues, perChannel ? o : 1, true));
            }
          }
        }
      }
    }
  }

  private static final Window SAME = new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1);

  private static final List<Window> WINDOWS =
      List.of(
          Window.ofKernel(1, 1),
          SAME,
          new Window(3, 3, 2, 2, 1, 1, 1, 1, 1, 1),
          new Window(2, 3, 1, 2, 2, 1, 1, 0, 0, 2),
          new Window(3, 2, 2, 1, 1, 2, 2, 2, 2, 2),
          new Window(5, 6, 1, 1, 1, 1, 0, 0, 0, 0),
          new Window(5, 5, 1, 1, 1, 1, 2, 2, 2, 2));

  private static void conv(List<OpCase> cases) {
    for (Edge edge : EDGES) {
      for (ElementType weight : WEIGHTS) {
        for (Window window : WINDOWS) {
          cases.add(conv(edge, weight, 5, 6, 19, 11, 1, window));
        }
        for (int channels : new int[] {1, 3, 31, 32, 33, 63, 64, 65, 128, 129}) {
          cases.add(conv(edge, weight, 4, 3, channels, 7, 1, SAME));
        }
        cases.add(conv(edge, weight, 4, 5, 12, 18, 3, SAME));
        cases.add(conv(edge, weight, 4, 5, 35, 35, 35, SAME));
        cases.add(conv(edge, weight, 4, 5, 17, 34, 17, WINDOWS.get(3)));
        cases.add(conv(edge, weight, 3, 3, 128, 6, 2, WINDOWS.get(2)));
      }
    }
    for (Edge edge : List.of(PLANES2, BYTES)) {
      cases.add(conv(edge, ElementType.INT8, 7, 9, 16, 32, 1, SAME));
      cases.add(conv(edge, ElementType.INT8, 8, 5, 32, 80, 1, Window.ofKernel(3, 3)));
      cases.add(conv(edge, ElementType.INT8, 30, 29, 16, 16, 1, SAME));
    }
    for (int outputs : new int[] {1, 16, 33, 64, 65, 130}) {
      for (Edge edge : List.of(BIPOLAR, PLANES2, BYTES)) {
        for (ElementType weight : WEIGHTS) {
          cases.add(conv(edge, weight, 7, 7, 40, outputs, 1, SAME));
        }
      }
    }
  }

  private static OpCase conv(
      Edge edge, ElementType weight, int h, int w, int c, int outputs, int groups, Window window) {
    return convBuilder(edge, weight, h, w, c, outputs, groups, window, "")
        .trials(FILLS)
        .of(new IntegerOp.IntegerConv2d(window, groups, edge.codes(), false, List.of()));
  }

  private static CaseBuilder convBuilder(
      Edge edge,
      ElementType weight,
      int h,
      int w,
      int c,
      int outputs,
      int groups,
      Window window,
      String suffix) {
    Shape kernel = Shape.of(outputs, window.kernelH(), window.kernelW(), c / groups);
    return new CaseBuilder(
            "IntegerConv2d %dx%dx%d to %d groups=%d %s, %s x %s%s"
                .formatted(h, w, c, outputs, groups, window, edge, weight, suffix))
        .input(edge.type(BATCH, h, w, c))
        .codes(new TensorType(weight, kernel));
  }

  private static void convEpilogues(List<OpCase> cases) {
    int[] outputs = {10, 64, 33, 65, 128};
    int next = 0;
    for (List<Epilogue> epilogues : EPILOGUES) {
      for (Edge edge : List.of(BIPOLAR, PLANES2, BYTES)) {
        ElementType weight = WEIGHTS.get(next % 2);
        int o = outputs[next++ % outputs.length];
        cases.add(conv(edge, weight, o, 1, epilogues, next % 3 == 0 ? 1 : o, false));
        cases.add(conv(edge, weight, 12, 12, epilogues, 12, false));
        cases.add(conv(edge, weight, 5, 7, 16, 80, 1, epilogues, 80, false));
        if (!epilogues.isEmpty() && epilogues.getFirst() instanceof Epilogue.Requantize) {
          cases.add(conv(edge, weight, o, 1, epilogues, o, true));
          cases.add(conv(edge, weight, 12, 12, epilogues, 1, true));
          cases.add(conv(edge, weight, 5, 7, 16, 80, 1, epilogues, 80, true));
        }
      }
    }
  }

  /** A 3×3 convolution of 12 channels with epilogues. */
  private static OpCase conv(
      Edge edge,
      ElementType weight,
      int outputs,
      int groups,
      List<Epilogue> epilogues,
      int parameterRows,
      boolean residual) {
    return conv(edge, weight, 4, 5, 12, outputs, groups, epilogues, parameterRows, residual);
  }

  private static OpCase conv(
      Edge edge,
      ElementType weight,
      int h,
      int w,
      int c,
      int outputs,
      int groups,
      List<Epilogue> epilogues,
      int parameterRows,
      boolean residual) {
    String suffix = " " + epilogues + (parameterRows == 1 ? " for all" : "");
    CaseBuilder builder =
        convBuilder(edge, weight, h, w, c, outputs, groups, SAME, suffix + (residual ? " +x" : ""));
    if (!epilogues.isEmpty()) {
      long bound = edge.bound(weight, 9 * c / groups);
      builder.parameters(epilogues.getFirst(), parameterRows, bound, residual);
    }
    if (residual) {
      builder.input(new TensorType(ElementType.UINT8, Shape.of(BATCH, h, w, outputs)));
    }
    return builder
        .trials(FILLS)
        .of(new IntegerOp.IntegerConv2d(SAME, groups, edge.codes(), residual, epilogues));
  }
}
