package org.helu.device.testkit;

import static org.helu.runtime.tensor.Shape.BATCH;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Cases of Gate, Unary, Binary, Where and Cast. */
final class ElementwiseCases {
  private static final int[] SIZES = {1, 31, 33, 64, 65, 127, 129, 1000};
  private static final Fill[] ALL = Fill.values();

  private ElementwiseCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    for (int size : SIZES) {
      cases.add(
          new CaseBuilder("Gate of " + size)
              .input(BATCH, size)
              .trials(ALL)
              .trial(Fill.UNIFORM, 5, 2)
              .of(new DeviceOp.Gate()));
    }
    cases.add(
        new CaseBuilder("Gate of an image")
            .input(BATCH, 5, 3, 65)
            .trials(ALL)
            .of(new DeviceOp.Gate()));
    unary(cases);
    binary(cases);
    broadcasts(cases);
    where(cases);
    casts(cases);
    return cases;
  }

  private static void unary(List<OpCase> cases) {
    for (UnaryKind kind : UnaryKind.values()) {
      TensorType bool = new TensorType(ElementType.BOOL, Shape.of(BATCH, 37));
      if (kind == UnaryKind.NOT) {
        cases.add(new CaseBuilder("Unary NOT").input(bool).of(new DeviceOp.Unary(kind)));
        continue;
      }
      float[][] parameters =
          switch (kind) {
            case LEAKY_RELU, ELU -> new float[][] {{0.01f, 0}, {1f, 0}, {-0.5f, 0}};
            case SELU -> new float[][] {{1.6732632f, 1.050701f}};
            case CLIP ->
                new float[][] {{0, 6}, {-0.5f, 0.25f}, {Float.NEGATIVE_INFINITY, 0.5f}, {0, 0}};
            case HARD_SIGMOID -> new float[][] {{0.2f, 0.5f}, {1f / 6, 0.5f}};
            case SWISH -> new float[][] {{1, 0}, {1.702f, 0}};
            case LINEAR -> new float[][] {{2, -0.5f}, {-1, 0}, {0, 3}};
            default -> new float[][] {{0, 0}};
          };
      for (float[] p : parameters) {
        DeviceOp op = new DeviceOp.Unary(kind, p[0], p[1]);
        String name = "Unary " + kind + " a=" + p[0] + " b=" + p[1];
        cases.add(new CaseBuilder(name + " of 67").input(BATCH, 67).trials(ALL).of(op));
        cases.add(new CaseBuilder(name + " of 1").input(BATCH, 1).trial(Fill.UNIFORM, 5, 2).of(op));
      }
    }
    for (UnaryKind kind : List.of(UnaryKind.ABS, UnaryKind.NEG, UnaryKind.SIGN, UnaryKind.CLIP)) {
      TensorType type = new TensorType(ElementType.INT64, Shape.of(BATCH, 19));
      cases.add(
          new CaseBuilder("Unary " + kind + " of int64")
              .input(type)
              .of(new DeviceOp.Unary(kind, -2, 3)));
    }
  }

  private static void binary(List<OpCase> cases) {
    for (BinaryKind kind : BinaryKind.values()) {
      boolean logical = kind == BinaryKind.AND || kind == BinaryKind.OR || kind == BinaryKind.XOR;
      DeviceOp op = new DeviceOp.Binary(kind);
      if (logical || kind == BinaryKind.EQUAL) {
        TensorType bool = new TensorType(ElementType.BOOL, Shape.of(BATCH, 37));
        cases.add(new CaseBuilder("Binary " + kind + " of bool").input(bool).input(bool).of(op));
      }
      if (logical) {
        continue;
      }
      for (int size : new int[] {1, 33, 64, 129}) {
        cases.add(
            new CaseBuilder("Binary " + kind + " of " + size)
                .input(BATCH, size)
                .input(BATCH, size)
                .trials(ALL)
                .of(op));
      }
      cases.add(
          new CaseBuilder("Binary " + kind + " with a scalar")
              .input(BATCH, 67)
              .constant(Tensor.scalar(0.75f))
              .trials(ALL)
              .of(op));
      cases.add(
          new CaseBuilder("Binary " + kind + " per channel")
              .input(BATCH, 3, 2, 35)
              .weight(35)
              .trials(ALL)
              .of(op));
      TensorType integers = new TensorType(ElementType.INT64, Shape.of(BATCH, 19));
      cases.add(
          new CaseBuilder("Binary " + kind + " of int64").input(integers).input(integers).of(op));
    }
  }

  private static void broadcasts(List<OpCase> cases) {
    int[][] others = {
      {BATCH, 1, 1, 9}, {BATCH, 5, 1, 9}, {BATCH, 1, 6, 1}, {BATCH, 5, 6, 1}, {BATCH, 1, 1, 1}
    };
    for (int[] other : others) {
      for (BinaryKind kind : List.of(BinaryKind.SUB, BinaryKind.MUL)) {
        String name = "Binary " + kind + " of [N,5,6,9] and " + Shape.of(other);
        DeviceOp op = new DeviceOp.Binary(kind);
        cases.add(new CaseBuilder(name).input(BATCH, 5, 6, 9).input(other).of(op));
        cases.add(new CaseBuilder(name + ", swapped").input(other).input(BATCH, 5, 6, 9).of(op));
      }
    }
    int[][] constants = {{5, 6, 9}, {6, 1}, {5, 1, 1}, {1, 5, 6, 9}, {1, 1, 1, 9}, {1}, {9}};
    for (int[] constant : constants) {
      String name = "Binary SUB of [N,5,6,9] and constant " + Shape.of(constant);
      DeviceOp op = new DeviceOp.Binary(BinaryKind.SUB);
      cases.add(new CaseBuilder(name).input(BATCH, 5, 6, 9).weight(constant).of(op));
      cases.add(new CaseBuilder(name + ", swapped").weight(constant).input(BATCH, 5, 6, 9).of(op));
    }
    cases.add(
        new CaseBuilder("Binary SUB, both sides widened")
            .input(BATCH, 5, 1, 9)
            .input(BATCH, 1, 6, 9)
            .of(new DeviceOp.Binary(BinaryKind.SUB)));
    cases.add(
        new CaseBuilder("Binary ADD static shape")
            .input(3, 33)
            .weight(3, 33)
            .trial(Fill.UNIFORM, 1, 1)
            .trial(Fill.UNIFORM, 2, 1)
            .of(new DeviceOp.Binary(BinaryKind.ADD)));
  }

  private static void where(List<OpCase> cases) {
    TensorType condition = new TensorType(ElementType.BOOL, Shape.of(BATCH, 5, 33));
    cases.add(
        new CaseBuilder("Where same shape")
            .input(condition)
            .input(BATCH, 5, 33)
            .input(BATCH, 5, 33)
            .trials(ALL)
            .of(new DeviceOp.Where()));
    cases.add(
        new CaseBuilder("Where broadcast")
            .input(new TensorType(ElementType.BOOL, Shape.of(BATCH, 5, 1)))
            .input(BATCH, 1, 33)
            .weight(33)
            .of(new DeviceOp.Where()));
    cases.add(
        new CaseBuilder("Where against a scalar")
            .input(condition)
            .input(BATCH, 5, 33)
            .constant(Tensor.scalar(-1e9f))
            .of(new DeviceOp.Where()));
    for (ElementType element : List.of(ElementType.INT32, ElementType.INT64)) {
      TensorType integers = new TensorType(element, Shape.of(BATCH, 5, 33));
      cases.add(
          new CaseBuilder("Where of " + element)
              .input(condition)
              .input(integers)
              .input(integers)
              .of(new DeviceOp.Where()));
    }
  }

  private static void casts(List<OpCase> cases) {
    for (ElementType from : ElementType.values()) {
      for (ElementType to : ElementType.values()) {
        if (from == ElementType.BIT || to == ElementType.BIT) {
          continue;
        }
        CaseBuilder builder =
            new CaseBuilder("Cast " + from + " to " + to)
                .input(new TensorType(from, Shape.of(BATCH, 35)));
        if (from == ElementType.FLOAT32) {
          builder.trials(ALL);
        }
        cases.add(builder.of(new DeviceOp.Cast(to)));
      }
    }
  }
}
