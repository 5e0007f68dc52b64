package org.helu.compiler.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/** Writes small ONNX models for tests. */
final class ModelBuilder {
  private final ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(8);
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("test");
  private final Random random;
  private final int opset;
  private int counter;

  ModelBuilder(int opset, long seed) {
    this.opset = opset;
    this.random = new Random(seed);
    opset("", opset);
  }

  int opset() {
    return opset;
  }

  Random random() {
    return random;
  }

  ModelBuilder opset(String domain, int version) {
    model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version));
    return this;
  }

  /** A float input; a dimension is a number or the name of a symbolic one. */
  String input(String name, Object... dims) {
    return input(name, DataType.FLOAT, dims);
  }

  String input(String name, DataType type, Object... dims) {
    graph.addInput(valueInfo(name, type, dims));
    return name;
  }

  /** Declares a float output of unknown dimensions. */
  ModelBuilder output(String name) {
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder().setElemType(DataType.FLOAT.getNumber()).build();
    graph.addOutput(
        ValueInfoProto.newBuilder()
            .setName(name)
            .setType(TypeProto.newBuilder().setTensorType(tensor)));
    return this;
  }

  /** An initializer of normally distributed numbers. */
  String weights(double scale, int... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * scale);
    }
    return floats(shape, values);
  }

  /** An initializer of positive numbers between 0.5 and 1.5. */
  String positive(int... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.5f + random.nextFloat();
    }
    return floats(shape, values);
  }

  String floats(Shape shape, float... values) {
    return initializer(ProtoTensors.write(fresh("w"), Tensor.ofFloats(shape, values)));
  }

  String scalar(float value) {
    return floats(Shape.of(), value);
  }

  /** A vector of int64. */
  String longs(long... values) {
    Shape shape = Shape.of(values.length);
    return initializer(ProtoTensors.write(fresh("i"), Tensor.ofLongs(shape, values)));
  }

  String initializer(TensorProto tensor) {
    graph.addInitializer(tensor);
    return tensor.getName();
  }

  /** Adds a node with one output; returns the output's name. */
  String node(String opType, List<String> inputs, AttributeProto... attributes) {
    return nodes(opType, inputs, 1, attributes).get(0);
  }

  /** Adds a node with several outputs; returns their names. */
  List<String> nodes(
      String opType, List<String> inputs, int outputs, AttributeProto... attributes) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      names.add(fresh(opType.toLowerCase(java.util.Locale.ROOT)));
    }
    NodeProto.Builder node = NodeProto.newBuilder().setOpType(opType);
    node.addAllInput(inputs).addAllOutput(names).addAllAttribute(List.of(attributes));
    node(node);
    return names;
  }

  ModelBuilder node(NodeProto.Builder node) {
    graph.addNode(node);
    return this;
  }

  ModelBuilder function(FunctionProto.Builder function) {
    model.addFunctions(function);
    return this;
  }

  ModelBuilder metadata(String key, String value) {
    model.addMetadataProps(entry(key, value));
    return this;
  }

  String fresh(String base) {
    return base + "_" + counter++;
  }

  ModelProto build() {
    return model.clone().setGraph(graph.clone()).build();
  }

  byte[] bytes() {
    return build().toByteArray();
  }

  static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  static AttributeProto attr(String name, long value) {
    return attr(name, AttributeType.INT).setI(value).build();
  }

  static AttributeProto attr(String name, float value) {
    return attr(name, AttributeType.FLOAT).setF(value).build();
  }

  static AttributeProto attr(String name, String value) {
    return attr(name, AttributeType.STRING).setS(ByteString.copyFromUtf8(value)).build();
  }

  static AttributeProto attr(String name, TensorProto value) {
    return attr(name, AttributeType.TENSOR).setT(value).build();
  }

  static AttributeProto attrs(String name, long... values) {
    AttributeProto.Builder attribute = attr(name, AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  static AttributeProto attrs(String name, float... values) {
    AttributeProto.Builder attribute = attr(name, AttributeType.FLOATS);
    for (float value : values) {
      attribute.addFloats(value);
    }
    return attribute.build();
  }

  /** An attribute of a function's node that stands for an attribute of the call. */
  static AttributeProto reference(String name, AttributeType type, String refersTo) {
    return attr(name, type).setRefAttrName(refersTo).build();
  }

  private static AttributeProto.Builder attr(String name, AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }

  private static ValueInfoProto valueInfo(String name, DataType type, Object... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (Object dim : dims) {
      if (dim instanceof Integer number) {
        shape.addDimBuilder().setDimValue(number);
      } else {
        shape.addDimBuilder().setDimParam((String) dim);
      }
    }
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(shape).build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }
}
