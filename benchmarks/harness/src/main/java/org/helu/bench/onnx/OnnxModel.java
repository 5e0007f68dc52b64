package org.helu.bench.onnx;

import ai.onnx.proto.OnnxMl;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.AtomicFile;

/** A model whose nodes and constants are about to be replaced. */
final class OnnxModel {
  static final String STAGE = "bench/onnx";

  /** DequantizeLinear knows scales per channel since then. */
  static final long PER_CHANNEL_OPSET = 13;

  private static final long MAX_BYTES = Integer.MAX_VALUE;

  final List<NodeProto> nodes = new ArrayList<>();
  final Map<String, TensorProto> constants = new LinkedHashMap<>();
  private final ModelProto source;

  private OnnxModel(ModelProto source) {
    this.source = source;
    for (TensorProto constant : source.getGraph().getInitializerList()) {
      if (constant.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
        throw HeluException.unsupported(
            STAGE, "'" + constant.getName() + "' lies in another file", "");
      }
      constants.put(constant.getName(), constant);
    }
    for (NodeProto node : source.getGraph().getNodeList()) {
      boolean constant = node.getOpType().equals("Constant") && node.getAttributeCount() == 1;
      if (constant && node.getAttribute(0).getName().equals("value")) {
        TensorProto value = node.getAttribute(0).getT();
        constants.put(node.getOutput(0), value.toBuilder().setName(node.getOutput(0)).build());
      } else {
        nodes.add(node);
      }
    }
  }

  static OnnxModel read(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw HeluException.unsupported(STAGE, "'" + file + "' is larger than 2 GiB", "");
      }
      return new OnnxModel(ModelProto.parseFrom(Files.readAllBytes(file)));
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw HeluException.invalid(STAGE, "'" + file + "' is no ONNX model", "export it again");
    } catch (IOException e) {
      throw HeluException.io(
          STAGE, "cannot read '" + file + "': " + AtomicFile.reason(e), "check the path", e);
    }
  }

  /** Version of the standard operator set; 0 if the model names none. */
  long opset() {
    for (OnnxMl.OperatorSetIdProto opset : source.getOpsetImportList()) {
      if (opset.getDomain().isEmpty() || opset.getDomain().equals("ai.onnx")) {
        return opset.getVersion();
      }
    }
    return 0;
  }

  Set<String> outputs() {
    Set<String> names = new HashSet<>();
    source.getGraph().getOutputList().forEach(output -> names.add(output.getName()));
    return names;
  }

  /** Inputs that are no constants. */
  List<String> inputs() {
    List<String> names = new ArrayList<>();
    for (OnnxMl.ValueInfoProto input : source.getGraph().getInputList()) {
      if (!constants.containsKey(input.getName())) {
        names.add(input.getName());
      }
    }
    return names;
  }

  /** The one node that writes each value. */
  Map<String, NodeProto> writers() {
    Map<String, NodeProto> writers = new HashMap<>();
    nodes.forEach(node -> node.getOutputList().forEach(value -> writers.put(value, node)));
    return writers;
  }

  /** How many nodes read each value; the graph's outputs count as read. */
  Map<String, Integer> uses() {
    Map<String, Integer> uses = new HashMap<>();
    nodes.forEach(node -> node.getInputList().forEach(value -> uses.merge(value, 1, Integer::sum)));
    outputs().forEach(value -> uses.merge(value, 1, Integer::sum));
    return uses;
  }

  /** The changed model; constants that nothing reads any more are left out. */
  byte[] toBytes() {
    Map<String, Integer> uses = uses();
    OnnxMl.GraphProto.Builder graph =
        source.getGraph().toBuilder().clearNode().clearInitializer().clearValueInfo();
    graph.addAllNode(nodes);
    constants.forEach(
        (name, constant) -> {
          if (uses.containsKey(name)) {
            graph.addInitializer(constant);
          }
        });
    return source.toBuilder().setGraph(graph).build().toByteArray();
  }

  static NodeProto node(String op, List<String> inputs, String output) {
    return NodeProto.newBuilder()
        .setOpType(op)
        .setName(output)
        .addAllInput(inputs)
        .addOutput(output)
        .build();
  }

  static NodeProto withInputs(NodeProto node, List<String> inputs) {
    return node.toBuilder().clearInput().addAllInput(inputs).build();
  }

  static NodeProto withAttribute(NodeProto node, String name, long value) {
    return node.toBuilder()
        .addAttribute(
            AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value))
        .build();
  }

  static long attribute(NodeProto node, String name, long otherwise) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.getName().equals(name)) {
        return attribute.getI();
      }
    }
    return otherwise;
  }

  static float attribute(NodeProto node, String name, float otherwise) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.getName().equals(name)) {
        return attribute.getF();
      }
    }
    return otherwise;
  }
}
