package org.helu.cli;

import ai.onnx.proto.OnnxMl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.helu.runtime.format.HeluFile;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * A network that can be computed by hand: {@code h = relu(x W1^T + b1)}, {@code y = h W2^T}, with
 * {@code W1 = [[1,0,0,0],[0,-1,0,0],[0,0,1,1]]}, {@code b1 = [0,0,-1]}, {@code W2 = [[1,1,0],
 * [0,0,2]]}.
 */
final class TinyModels {
  private static final float[] W1 = {1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 1};
  private static final float[] B1 = {0, 0, -1};
  private static final float[] W2 = {1, 1, 0, 0, 0, 2};

  private TinyModels() {}

  /** {@code y} of one sample. */
  static float[] expected(float... x) {
    float h0 = Math.max(0, x[0]);
    float h1 = Math.max(0, -x[1]);
    float h2 = Math.max(0, x[2] + x[3] - 1);
    return new float[] {h0 + h1, 2 * h2};
  }

  /** Writes the network compiled; the first layer's bias is {@code b1 + shift}. */
  static Path helu(Path folder, float shift) {
    GraphBuilder builder = new GraphBuilder("tiny");
    builder.input(new GraphInput("x", TensorType.float32(Shape.BATCH, 4)));
    builder.constant("w1", Tensor.ofFloats(Shape.of(3, 4), W1));
    builder.constant("b1", Tensor.ofFloats(Shape.of(3), B1[0] + shift, B1[1], B1[2]));
    builder.constant("w2", Tensor.ofFloats(Shape.of(2, 3), W2));
    builder.add(
        new Node(
            "fc1",
            new DeviceOp.Dense(true, false, List.of(Epilogue.GATE)),
            List.of("x", "w1", "b1"),
            "h"));
    builder.add(
        new Node("fc2", new DeviceOp.Dense(false, false, List.of()), List.of("h", "w2"), "y"));
    Path file = folder.resolve(shift == 0 ? "tiny.helu" : "shifted.helu");
    HeluFile.write(file, new BinarizedGraph(builder.output("y").build(), Provenance.NONE));
    return file;
  }

  /** A graph of two inputs and two outputs: {@code sum = a + b}, {@code difference = a - b}. */
  static Path twoOutputs(Path folder) {
    GraphBuilder builder = new GraphBuilder("two");
    builder.input(new GraphInput("a", TensorType.float32(Shape.BATCH, 2)));
    builder.input(new GraphInput("b", TensorType.float32(Shape.BATCH, 2)));
    builder.add(new DeviceOp.Binary(BinaryKind.ADD), "sum", "a", "b");
    builder.add(new DeviceOp.Binary(BinaryKind.SUB), "difference", "a", "b");
    builder.output("sum").output("difference");
    Path file = folder.resolve("two.helu");
    HeluFile.write(file, new BinarizedGraph(builder.build(), Provenance.NONE));
    return file;
  }

  /**
   * Eight floats as codes, a binary layer of {@code hidden} bits with thresholds, sums of ten rows.
   */
  static Path integer(Path folder, int hidden) {
    SplittableRandom random = new SplittableRandom(hidden);
    GraphBuilder builder = new GraphBuilder("integer");
    builder.input(new GraphInput("x", TensorType.float32(Shape.BATCH, 8)));
    Epilogue.Quantize quantize = new Epilogue.Quantize(1 / 255f, 0, 255);
    builder.add(new Node("codes", new IntegerOp.Convert(quantize), List.of("x"), "c"));
    builder.constant("w1", bits(random, hidden, 8));
    int[] thresholds = new int[2 * hidden];
    for (int i = 0; i < hidden; i++) {
      thresholds[2 * i] = 1;
      thresholds[2 * i + 1] = random.nextInt(-500, 500);
    }
    builder.constant("t1", Tensor.ofInts(Shape.of(hidden, 2), thresholds));
    builder.constant("w2", bits(random, 10, hidden));
    Epilogue.Threshold threshold = new Epilogue.Threshold(1, ElementType.BIT);
    builder.add(
        new Node(
            "fc1",
            new IntegerOp.IntegerDense(Codes.UNSIGNED, false, List.of(threshold)),
            List.of("c", "w1", "t1"),
            "h"));
    builder.add(
        new Node(
            "fc2",
            new IntegerOp.IntegerDense(Codes.BIPOLAR, false, List.of()),
            List.of("h", "w2"),
            "y"));
    Path file = folder.resolve("integer.helu");
    HeluFile.write(file, new BinarizedGraph(builder.output("y").build(), Provenance.NONE));
    return file;
  }

  private static Tensor bits(SplittableRandom random, int rows, int columns) {
    Tensor tensor = Tensor.zeros(TensorType.bits(Shape.of(rows, columns), 1));
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.setLong(i, random.nextInt(2));
    }
    return tensor;
  }

  /** A graph that flattens {@code [N,1,2,2]} pictures. */
  static Path flatten(Path folder) {
    GraphBuilder builder = new GraphBuilder("flatten");
    builder.input(new GraphInput("x", TensorType.float32(Shape.BATCH, 1, 2, 2)));
    builder.add(new DeviceOp.Reshape(Shape.of(Shape.BATCH, 4)), "y", "x");
    Path file = folder.resolve("flatten.helu");
    HeluFile.write(file, new BinarizedGraph(builder.output("y").build(), Provenance.NONE));
    return file;
  }

  /** Writes the network as PyTorch would export it. */
  static Path onnx(Path folder) throws IOException {
    OnnxMl.GraphProto.Builder graph = OnnxMl.GraphProto.newBuilder().setName("tiny");
    graph.addInput(value("x", 4)).addOutput(value("y", 2));
    graph.addInitializer(tensor("w1", W1, 3, 4));
    graph.addInitializer(tensor("b1", B1, 3));
    graph.addInitializer(tensor("w2", W2, 2, 3));
    graph.addNode(gemm("fc1", "z", "x", "w1", "b1"));
    graph.addNode(
        OnnxMl.NodeProto.newBuilder()
            .setName("relu")
            .setOpType("Relu")
            .addInput("z")
            .addOutput("h"));
    graph.addNode(gemm("fc2", "y", "h", "w2"));
    OnnxMl.ModelProto model =
        OnnxMl.ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setVersion(17))
            .setGraph(graph)
            .build();
    Path file = folder.resolve("tiny.onnx");
    Files.write(file, model.toByteArray());
    return file;
  }

  private static OnnxMl.NodeProto gemm(String name, String output, String... inputs) {
    return OnnxMl.NodeProto.newBuilder()
        .setName(name)
        .setOpType("Gemm")
        .addAllInput(List.of(inputs))
        .addOutput(output)
        .addAttribute(
            OnnxMl.AttributeProto.newBuilder()
                .setName("transB")
                .setType(OnnxMl.AttributeProto.AttributeType.INT)
                .setI(1))
        .build();
  }

  private static OnnxMl.ValueInfoProto value(String name, int features) {
    OnnxMl.TensorShapeProto shape =
        OnnxMl.TensorShapeProto.newBuilder()
            .addDim(OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimParam("batch"))
            .addDim(OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimValue(features))
            .build();
    return OnnxMl.ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            OnnxMl.TypeProto.newBuilder()
                .setTensorType(
                    OnnxMl.TypeProto.Tensor.newBuilder()
                        .setElemType(OnnxMl.TensorProto.DataType.FLOAT_VALUE)
                        .setShape(shape)))
        .build();
  }

  private static OnnxMl.TensorProto tensor(String name, float[] values, long... dims) {
    OnnxMl.TensorProto.Builder tensor =
        OnnxMl.TensorProto.newBuilder()
            .setName(name)
            .setDataType(OnnxMl.TensorProto.DataType.FLOAT_VALUE);
    for (long dim : dims) {
      tensor.addDims(dim);
    }
    for (float v : values) {
      tensor.addFloatData(v);
    }
    return tensor.build();
  }
}
