package org.helu.compiler.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.helu.runtime.HeluException;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;

/** One of ONNX's node tests: a model, inputs and expected outputs in a folder. */
final class ConformanceCase {
  /** As ONNX's own runner: relative tolerance 1e-3 (absolute 1e-7), here with tighter relative. */
  private static final double RELATIVE_TOLERANCE = 1e-4;

  /** Sums of a few hundred float32 products near 1 differ by their order of addition. */
  private static final double ABSOLUTE_TOLERANCE = 2e-6;

  /** Note on a case whose operands that helu needs at import were made initializers. */
  static final String BOUND = "constant inputs";

  /** Note on a case of an older opset whose ops are the same in opset 11. */
  static final String RAISED = "read as opset 11";

  private final Path folder;

  ConformanceCase(Path folder) {
    this.folder = folder;
  }

  /**
   * Runs the case.
   *
   * @param bindConstants whether integer inputs behind the first, and scalars, become initializers
   * @param raiseOpset whether a model of an opset before 11 is read as 11
   * @return null where all outputs agree, else what went wrong
   */
  String run(boolean bindConstants, boolean raiseOpset) throws IOException {
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(folder.resolve("model.onnx")));
    if (raiseOpset) {
      model = raised(model);
    }
    try (Stream<Path> sets = Files.list(folder)) {
      List<Path> sorted =
          sets.filter(path -> path.getFileName().toString().startsWith("test_data_set"))
              .sorted()
              .toList();
      if (sorted.isEmpty()) {
        return "no test data";
      }
      for (Path set : sorted) {
        String failure = runSet(model, set, bindConstants);
        if (failure != null) {
          return failure;
        }
      }
    }
    return null;
  }

  private static ModelProto raised(ModelProto model) {
    ModelProto.Builder builder = model.toBuilder();
    for (OperatorSetIdProto.Builder opset : builder.getOpsetImportBuilderList()) {
      if (opset.getDomain().isEmpty() && opset.getVersion() < 11) {
        opset.setVersion(11);
      }
    }
    return builder.build();
  }

  private static String runSet(ModelProto model, Path set, boolean bind) throws IOException {
    GraphProto graph = model.getGraph();
    GraphProto.Builder bound = graph.toBuilder().clearInput();
    List<Tensor> inputs = new ArrayList<>();
    List<ValueInfoProto> declared = new ArrayList<>(graph.getInputList());
    // Inputs with a default have no data.
    declared.removeIf(
        input ->
            graph.getInitializerList().stream().anyMatch(w -> w.getName().equals(input.getName())));
    for (int i = 0; i < declared.size(); i++) {
      ValueInfoProto input = declared.get(i);
      if (!input.getType().hasTensorType()) {
        return "input '" + input.getName() + "' is a " + input.getType().getValueCase();
      }
      TensorProto proto = tensor(set.resolve("input_" + i + ".pb"));
      Tensor tensor = ProtoTensors.read(proto);
      if (tensor == null) {
        return "element type " + ElementTypes.name(proto.getDataType()) + " is not supported";
      }
      boolean quantizer = graph.getNodeList().stream().anyMatch(ConformanceCase::isQuantizer);
      if (bind && (isOperand(i, tensor) || quantizer && i > 0)) {
        bound.addInitializer(ProtoTensors.write(input.getName(), tensor));
      } else {
        bound.addInput(input);
        inputs.add(tensor);
      }
    }
    List<Tensor> outputs;
    try {
      byte[] bytes = model.toBuilder().setGraph(bound).build().toByteArray();
      ImportedModel imported = OnnxImporter.read(bytes, null);
      outputs = new Interpreter(imported.graph()).run(inputs);
    } catch (HeluException e) {
      return e.getMessage();
    }
    for (int i = 0; i < outputs.size(); i++) {
      TensorProto proto = tensor(set.resolve("output_" + i + ".pb"));
      Tensor expected = ProtoTensors.read(proto);
      if (expected == null) {
        return "element type " + ElementTypes.name(proto.getDataType()) + " is not supported";
      }
      String difference = compare(expected, outputs.get(i));
      if (difference != null) {
        return "output " + i + ": " + difference;
      }
    }
    return null;
  }

  private static boolean isQuantizer(NodeProto node) {
    return node.getOpType().endsWith("uantizeLinear");
  }

  /** Shapes, axes, bounds and flags: helu needs them at import, as every exporter gives them. */
  private static boolean isOperand(int index, Tensor tensor) {
    ElementType type = tensor.type().elementType();
    return index > 0 && (type != ElementType.FLOAT32 || tensor.shape().rank() == 0)
        || index == 0 && type == ElementType.INT64 && tensor.shape().rank() == 1
        || index == 0 && type == ElementType.INT32 && tensor.shape().rank() == 0;
  }

  private static TensorProto tensor(Path file) throws IOException {
    try {
      return TensorProto.parseFrom(Files.readAllBytes(file));
    } catch (InvalidProtocolBufferException e) {
      throw new IOException(file + " holds no tensor", e);
    }
  }

  /** Null where the tensors agree, else the first difference. */
  static String compare(Tensor expected, Tensor found) {
    if (!expected.type().elementType().equals(found.type().elementType())
        || !expected.shape().equals(found.shape())) {
      return "expected " + expected.type() + ", found " + found.type();
    }
    for (long i = 0; i < expected.elements(); i++) {
      double e = expected.getDouble(i);
      double f = found.getDouble(i);
      boolean exact = !expected.type().elementType().isFloat();
      double tolerance = exact ? 0 : ABSOLUTE_TOLERANCE + RELATIVE_TOLERANCE * Math.abs(e);
      boolean equal = e == f || Double.isNaN(e) && Double.isNaN(f) || Math.abs(e - f) <= tolerance;
      if (!equal) {
        return "element " + i + ": expected " + e + ", found " + f;
      }
    }
    return null;
  }
}
