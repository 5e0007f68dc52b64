package org.helu.runtime.format;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.graph.Range;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.PadMode;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Graphs that the tests of this package write and read. */
final class Graphs {
  private Graphs() {}

  /** An op and what it is given; inputs that are tensors become constants. */
  record Case(DeviceOp op, List<Object> inputs) {
    Case(DeviceOp op, Object... inputs) {
      this(op, List.of(inputs));
    }
  }

  /** At least one case for each device op. */
  static List<Case> cases() {
    TensorType row = TensorType.float32(Shape.BATCH, 3);
    TensorType image = TensorType.float32(Shape.BATCH, 5, 5, 2);
    Window window = new Window(3, 2, 2, 1, 1, 2, 1, 0, 1, 2);
    List<Epilogue> gate = List.of(Epilogue.GATE);
    List<Case> cases = new ArrayList<>();
    cases.add(
        new Case(
            new DeviceOp.Dense(true, false, gate),
            row,
            Tensor.ofFloats(Shape.of(2, 3), 1, -2, 3, -0.0f, Float.MIN_VALUE, 0.1f),
            Tensor.ofFloats(Shape.of(2), Float.NEGATIVE_INFINITY, Float.NaN)));
    cases.add(
        new Case(
            new DeviceOp.Dense(false, true, List.of()),
            row,
            Tensor.ofFloats(Shape.of(1, 3), 1, 2, 3),
            TensorType.float32(Shape.BATCH, 1)));
    cases.add(
        new Case(
            new DeviceOp.Conv2d(window, 2, true, false, gate),
            image,
            Tensor.zeros(TensorType.float32(4, 3, 2, 1)),
            Tensor.ofFloats(Shape.of(4), 1, 2, 3, 4)));
    cases.add(new Case(new DeviceOp.Pool2d(PoolKind.AVERAGE_INCLUDE_PAD, window, true), image));
    cases.add(new Case(new DeviceOp.Gate(), image));
    cases.add(new Case(new DeviceOp.Unary(UnaryKind.SELU, 1.6732632f, 1.050701f), row));
    cases.add(new Case(new DeviceOp.Unary(UnaryKind.CLIP, Float.NEGATIVE_INFINITY, -0.0f), row));
    cases.add(
        new Case(
            new DeviceOp.Unary(UnaryKind.LINEAR, Float.MIN_VALUE, Float.POSITIVE_INFINITY), row));
    cases.add(new Case(new DeviceOp.Binary(BinaryKind.MUL), row, Tensor.scalar(0.1f)));
    cases.add(
        new Case(new DeviceOp.Where(), bools(1, 0, 1), row, Tensor.ofFloats(Shape.of(3), 7, 8, 9)));
    cases.add(new Case(new DeviceOp.Cast(ElementType.INT64), row));
    cases.add(new Case(new DeviceOp.Reduce(ReduceKind.MEAN, List.of(1, -2), true), image));
    cases.add(new Case(new DeviceOp.Reshape(Shape.of(Shape.BATCH, 50)), image));
    cases.add(new Case(new DeviceOp.Reshape(Shape.of()), TensorType.float32(1, 1)));
    cases.add(new Case(new DeviceOp.Transpose(List.of(0, 3, 1, 2)), image));
    cases.add(new Case(new DeviceOp.Concat(-1), row, row));
    cases.add(
        new Case(
            new DeviceOp.Slice(
                List.of(0, 4, 0, 1), List.of(Shape.BATCH, 3, 5, 1), List.of(1, -2, 1, 1)),
            image));
    cases.add(
        new Case(
            new DeviceOp.Pad(
                List.of(0, 1, 0, 0), List.of(0, 0, 2, 0), PadMode.CONSTANT, Float.MAX_VALUE),
            image));
    cases.add(new Case(new DeviceOp.Gather(1), row, Tensor.ofLongs(Shape.of(2, 2), 0, -1, 2, 1)));
    cases.add(new Case(new DeviceOp.Softmax(-1, true), row));
    cases.add(
        new Case(new DeviceOp.LayerNorm(-1, 1e-5f), row, Tensor.ofFloats(Shape.of(3), 1, 2, 3)));
    cases.add(
        new Case(
            new DeviceOp.BatchMatMul(),
            TensorType.float32(Shape.BATCH, 2, 3),
            TensorType.float32(Shape.BATCH, 3, 4)));
    cases.addAll(integerCases(window));
    return cases;
  }

  private static List<Case> integerCases(Window window) {
    TensorType bits = TensorType.bits(Shape.of(Shape.BATCH, 70), 1);
    TensorType planes = TensorType.bits(Shape.of(Shape.BATCH, 5, 5, 2), 3);
    TensorType bytes = new TensorType(ElementType.UINT8, Shape.of(Shape.BATCH, 5, 5, 2));
    Tensor thresholds = Tensor.ofInts(Shape.of(1, 3), -1, Integer.MIN_VALUE + 1, 5);
    Tensor multipliers = Tensor.ofLongs(Shape.of(4, 2), 3, -4, 5, 1L << 61, -7, 0, 0, 9);
    return List.of(
        new Case(
            new IntegerOp.IntegerDense(Codes.BIPOLAR, false, List.of()),
            bits,
            Tensor.zeros(TensorType.bits(Shape.of(3, 70), 1))),
        new Case(
            new IntegerOp.IntegerConv2d(
                window,
                2,
                Codes.ofZeroPoint(3),
                false,
                List.of(new Epilogue.Threshold(2, ElementType.BIT))),
            planes,
            Tensor.zeros(new TensorType(ElementType.INT8, Shape.of(4, 3, 2, 1))),
            thresholds),
        new Case(
            new IntegerOp.IntegerConv2d(
                window, 2, Codes.UNSIGNED, false, List.of(new Epilogue.Requantize(31, 15))),
            bytes,
            Tensor.zeros(TensorType.bits(Shape.of(4, 3, 2, 1), 1)),
            multipliers),
        new Case(
            new IntegerOp.Convert(Epilogue.AFFINE),
            bytes,
            Tensor.ofFloats(Shape.of(2, 2), 0.5f, -0f, 2, 1)),
        new Case(
            new IntegerOp.Convert(new Epilogue.Quantize(0.1f, 7, 255)),
            TensorType.float32(Shape.BATCH, 3)),
        new Case(new DeviceOp.Pool2d(PoolKind.MAX, window, false), planes));
  }

  /** A graph of one op. */
  static BinarizedGraph of(Case c) {
    GraphBuilder builder = new GraphBuilder("one-op");
    List<String> names = new ArrayList<>();
    for (int i = 0; i < c.inputs().size(); i++) {
      String name = "in" + i;
      names.add(name);
      switch (c.inputs().get(i)) {
        case Tensor tensor -> builder.constant(name, tensor);
        case TensorType type -> builder.input(new GraphInput(name, type));
        default -> throw new AssertionError();
      }
    }
    builder.add(new Node("op", c.op(), names, "out", List.of("/model/a", "/model/b")));
    return new BinarizedGraph(builder.output("out").build(), Provenance.NONE);
  }

  /** A two-layer network with a declared input range and a provenance. */
  static BinarizedGraph small() {
    GraphBuilder builder = new GraphBuilder("small");
    builder.input(new GraphInput("x", TensorType.float32(Shape.BATCH, 3), new Range(0, 1)));
    builder.constant("w1", Tensor.ofFloats(Shape.of(2, 3), 1, 2, 3, -4, 5, 6));
    builder.constant("b1", Tensor.ofFloats(Shape.of(2), 0.5f, -0.5f));
    builder.constant("w2", Tensor.ofFloats(Shape.of(2, 2), 1, 2, 3, 4));
    builder.add(
        new Node(
            "fc1",
            new DeviceOp.Dense(true, false, List.of(Epilogue.GATE)),
            List.of("x", "w1", "b1"),
            "h",
            List.of("/fc1/Gemm", "/relu")));
    builder.add(new DeviceOp.Dense(false, false, List.of()), "y", "h", "w2");
    return new BinarizedGraph(
        builder.output("y").build(), new Provenance("ab".repeat(32), "exact", "0.1.0", 0.5f));
  }

  static Tensor bools(int... values) {
    Tensor tensor = Tensor.zeros(new TensorType(ElementType.BOOL, Shape.of(values.length)));
    for (int i = 0; i < values.length; i++) {
      tensor.setLong(i, values[i]);
    }
    return tensor;
  }
}
