package org.helu.compiler.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Range;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.OpException;
import org.helu.runtime.tensor.TensorType;

/** One model on its way into a {@link Graph}; used once. */
final class ModelImport {
  private static final String RANGE_KEY = "helu.input_range";

  /** Characters of the reason given for one node. */
  private static final int MAX_REASON = 400;

  private final ModelProto model;
  private final GraphProto graph;
  private final TensorReader tensors;
  private final Names nodeNames = new Names();
  private final Names valueNames = new Names();
  private final GraphScope scope = new GraphScope(nodeNames, valueNames);
  private final Map<String, TensorProto> initializers = new LinkedHashMap<>();
  private final Set<String> known = new HashSet<>();

  /** Offending nodes and why, in graph order. */
  private final List<String> problems = new ArrayList<>();

  private boolean malformed;

  ModelImport(ModelProto model, Path folder) {
    this.model = model;
    this.graph = model.getGraph();
    this.tensors = new TensorReader(folder);
  }

  ImportedModel run(String sha256) {
    Map<String, String> metadata = metadata();
    HeluAlpha alpha;
    try {
      alpha = new HeluAlpha(metadata.get(HeluAlpha.KEY));
    } catch (NodeProblem e) {
      throw OnnxImporter.error(e.kind(), "model metadata: " + e.getMessage());
    }
    collectInitializers();
    collectInputs(range(metadata.get(RANGE_KEY)));
    List<String> outputs = outputs();
    reserveNames();
    List<OnnxNode> nodes = new FunctionInliner(model, nodeNames, valueNames).flatten(model);
    NodeOrder order = new NodeOrder(nodes, known);
    List<OnnxNode> sorted = order.sorted(outputs, known);
    readInitializers(order);
    for (OnnxNode node : sorted) {
      importNode(node, new NodeContext(node, scope, alpha, tensors, order::isRead));
    }
    reportProblems();
    Graph built = scope.build(name(), bindOutputs(outputs));
    return new ImportedModel(built, sha256, alpha.shared(), metadata);
  }

  private Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    for (StringStringEntryProto entry : model.getMetadataPropsList()) {
      if (metadata.put(entry.getKey(), entry.getValue()) != null) {
        throw OnnxImporter.invalid("model metadata gives '" + entry.getKey() + "' twice");
      }
    }
    return metadata;
  }

  private static Range range(String text) {
    if (text == null) {
      return Range.ALL;
    }
    try {
      String[] ends = text.split(",", -1);
      if (ends.length == 2) {
        return new Range(Double.parseDouble(ends[0].strip()), Double.parseDouble(ends[1].strip()));
      }
    } catch (NumberFormatException | HeluException _) {
      // Told below.
    }
    throw OnnxImporter.invalid(
        "model metadata " + RANGE_KEY + " is '" + text + "', expected 'min,max' with min <= max");
  }

  private void collectInitializers() {
    for (TensorProto initializer : graph.getInitializerList()) {
      if (initializers.put(initializer.getName(), initializer) != null) {
        throw OnnxImporter.invalid("initializer '" + initializer.getName() + "' is given twice");
      }
      valueNames.add(initializer.getName());
      known.add(initializer.getName());
    }
  }

  private void collectInputs(Range range) {
    InputTypes types = new InputTypes();
    for (ValueInfoProto input : graph.getInputList()) {
      String name = input.getName();
      if (initializers.containsKey(name)) {
        // An initializer of the same name is the input's default: helu takes it as a constant.
        continue;
      }
      if (name.isEmpty() || !known.add(name)) {
        throw OnnxImporter.invalid("input '" + name + "' has no name or is declared twice");
      }
      valueNames.add(name);
      try {
        TensorType type = types.read(input);
        scope.addInput(
            new GraphInput(name, type, type.elementType().isFloat() ? range : Range.ALL));
      } catch (NodeProblem e) {
        throw OnnxImporter.error(e.kind(), "input '" + name + "': " + e.getMessage());
      }
    }
  }

  private List<String> outputs() {
    Set<String> outputs = new LinkedHashSet<>();
    for (ValueInfoProto output : graph.getOutputList()) {
      if (output.getName().isEmpty() || !outputs.add(output.getName())) {
        throw OnnxImporter.invalid("output '" + output.getName() + "' is unnamed or given twice");
      }
    }
    if (outputs.isEmpty()) {
      throw OnnxImporter.invalid("the graph has no output");
    }
    return List.copyOf(outputs);
  }

  /** Takes every name of the file first, so that names made up here never hide one. */
  private void reserveNames() {
    graph.getNodeList().forEach(node -> node.getOutputList().forEach(valueNames::add));
  }

  private void readInitializers(NodeOrder order) {
    initializers.forEach(
        (name, proto) -> {
          if (order.isRead(name)) {
            try {
              scope.bind(name, scope.constant(name, tensors.read(proto)));
            } catch (NodeProblem e) {
              throw OnnxImporter.error(e.kind(), "initializer '" + name + "': " + e.getMessage());
            }
          }
        });
  }

  private void importNode(OnnxNode node, NodeContext context) {
    OpImporter importer = OpTable.ALL.find(node.domain(), node.opType());
    try {
      if (importer == null) {
        throw NodeProblem.unsupported("op is not supported");
      }
      for (String input : node.inputs()) {
        if (!input.isEmpty() && scope.value(input) == null) {
          // Hangs on a node that was reported already.
          return;
        }
      }
      if (node.domain().isEmpty() && node.opset() == 0) {
        throw NodeProblem.invalid("the model imports no version of ONNX's own operator set");
      }
      importer.importNode(context);
      Set<String> unread = node.attributes().unread();
      if (!unread.isEmpty()) {
        throw NodeProblem.invalid("unknown attribute " + String.join(", ", unread));
      }
      for (int i = 0; i < node.outputs().size(); i++) {
        if (context.outputUsed(i) && scope.value(node.outputs().get(i)) == null) {
          throw NodeProblem.invalid("the op has no output " + i);
        }
      }
    } catch (NodeProblem e) {
      addProblem(node, e.getMessage(), e.kind());
    } catch (HeluException | OpException e) {
      addProblem(node, e.getMessage(), HeluException.Kind.INVALID_INPUT);
    } catch (ArithmeticException _) {
      addProblem(node, "a dimension overflows", HeluException.Kind.INVALID_INPUT);
    }
  }

  private void addProblem(OnnxNode node, String reason, HeluException.Kind kind) {
    // Reasons quote names and lists from the file, which may be of any length.
    String text = reason.length() <= MAX_REASON ? reason : reason.substring(0, MAX_REASON) + "...";
    problems.add(node.label() + ": " + text);
    malformed |= kind == HeluException.Kind.INVALID_INPUT;
  }

  private void reportProblems() {
    if (problems.isEmpty()) {
      return;
    }
    String head = problems.size() == 1 ? "" : problems.size() + " nodes cannot be imported: ";
    String text = head + String.join("; ", problems);
    throw malformed
        ? HeluException.invalid(OnnxImporter.STAGE, text, "")
        : HeluException.unsupported(
            OnnxImporter.STAGE, text, "docs/onnx.md lists what is supported");
  }

  /** The outputs' names in the graph; outputs that are other values' aliases are copied. */
  private List<String> bindOutputs(List<String> outputs) {
    for (String output : outputs) {
      Value value = scope.value(output);
      if (value.symbolic()) {
        throw OnnxImporter.unsupported(
            "output '" + output + "' depends on the batch size; remove it from the outputs");
      }
      if (!value.name().equals(output)) {
        DeviceOp.Reshape copy = new DeviceOp.Reshape(value.shape());
        scope.emit(copy, scope.freshNode(output), output, List.of(value), output);
      }
    }
    return outputs;
  }

  private String name() {
    return graph.getName().isEmpty() ? "model" : graph.getName();
  }
}
