package org.helu.compiler.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Flattens a model: calls of model-local functions are replaced by their bodies, with attribute
 * references resolved. Values inside a body are called {@code <call>/<value>}.
 */
final class FunctionInliner {
  /** Nesting of function calls; exporters reach about five. */
  private static final int MAX_DEPTH = 32;

  /** Nodes after inlining: functions that call each other twice grow exponentially. */
  private static final int MAX_NODES = 1 << 17;

  /** Bytes of bodies, and characters of names in front of theirs, that inlining may copy in all. */
  private static final long MAX_COPIED = 1 << 26;

  private final Map<String, FunctionProto> functions = new HashMap<>();
  private final Map<String, Integer> modelOpsets;
  private final Names nodeNames;
  private final Names valueNames;
  private final List<OnnxNode> nodes = new ArrayList<>();
  private final Set<String> active = new HashSet<>();
  private long copied;

  /**
   * @param nodeNames names given to nodes so far
   * @param valueNames names of values so far; those that the bodies add are added
   */
  FunctionInliner(ModelProto model, Names nodeNames, Names valueNames) {
    this.nodeNames = nodeNames;
    this.valueNames = valueNames;
    this.modelOpsets = opsets(model.getOpsetImportList(), "the model");
    for (FunctionProto function : model.getFunctionsList()) {
      String key = key(function.getDomain(), function.getName(), function.getOverload());
      if (functions.put(key, function) != null) {
        throw OnnxImporter.invalid("function '" + key + "' is defined twice");
      }
    }
  }

  /** The nodes of the model's graph with all calls inlined, in file order. */
  List<OnnxNode> flatten(ModelProto model) {
    Scope scope = new Scope("", null, Map.of(), modelOpsets);
    List<NodeProto> body = model.getGraph().getNodeList();
    for (int i = 0; i < body.size(); i++) {
      add(body.get(i), i, scope, 0);
    }
    return nodes;
  }

  /**
   * Where names are looked up while a body is read.
   *
   * @param values names of the body's values in the model, or null at the top where they are equal
   */
  private record Scope(
      String prefix,
      Map<String, String> values,
      Map<String, AttributeProto> attributes,
      Map<String, Integer> opsets) {}

  private void add(NodeProto proto, int index, Scope scope, int depth) {
    String domain = normalDomain(proto.getDomain());
    String base = proto.getName().isEmpty() ? proto.getOpType() + "_" + index : proto.getName();
    copy(scope.prefix.length());
    String name = nodeNames.fresh(scope.prefix + base);
    if (nodes.size() >= MAX_NODES) {
      throw OnnxImporter.unsupported("the model has more than " + MAX_NODES + " nodes");
    }
    OnnxNode node;
    try {
      node =
          new OnnxNode(
              name,
              domain,
              proto.getOpType(),
              scope.opsets.getOrDefault(domain, 0),
              resolve(proto.getInputList(), scope),
              resolve(proto.getOutputList(), scope),
              Attributes.of(resolveAttributes(proto.getAttributeList(), scope)),
              alphaText(proto));
    } catch (NodeProblem e) {
      String label = "node '" + name + "' (" + proto.getOpType() + ")";
      throw OnnxImporter.error(e.kind(), label + ": " + e.getMessage());
    }
    FunctionProto function = functions.get(key(domain, proto.getOpType(), proto.getOverload()));
    if (function == null) {
      nodes.add(node);
    } else if (isHelu(domain, proto.getOpType())) {
      requireReluBody(function, node);
      function.getAttributeProtoList().forEach(node.attributes()::addDefault);
      nodes.add(node);
    } else {
      inline(function, node, depth);
    }
  }

  private void inline(FunctionProto function, OnnxNode call, int depth) {
    String key = key(function.getDomain(), function.getName(), function.getOverload());
    if (depth >= MAX_DEPTH) {
      throw OnnxImporter.unsupported(
          call.label() + ": functions are nested more than " + MAX_DEPTH + " deep");
    }
    if (!active.add(key)) {
      throw OnnxImporter.invalid(call.label() + ": function '" + key + "' calls itself");
    }
    if (call.inputs().size() > function.getInputCount()
        || call.outputs().size() > function.getOutputCount()) {
      throw OnnxImporter.invalid(call.label() + ": more operands than function '" + key + "' has");
    }
    copy(function.getSerializedSize());
    Map<String, String> values = new HashMap<>();
    bind(function.getInputList(), call.inputs(), values, call, false);
    List<OnnxNode> copies = bind(function.getOutputList(), call.outputs(), values, call, true);
    Map<String, AttributeProto> attributes = new LinkedHashMap<>();
    for (AttributeProto attribute : function.getAttributeProtoList()) {
      attributes.put(attribute.getName(), attribute);
    }
    Set<String> declared = new HashSet<>(function.getAttributeList());
    for (String attribute : call.attributes().names()) {
      if (!declared.contains(attribute) && !attributes.containsKey(attribute)) {
        throw OnnxImporter.invalid(
            call.label() + ": function '" + key + "' has no attribute '" + attribute + "'");
      }
      attributes.put(attribute, call.attributes().raw(attribute));
    }
    Map<String, Integer> opsets =
        function.getOpsetImportCount() == 0
            ? modelOpsets
            : opsets(function.getOpsetImportList(), "function '" + key + "'");
    Scope scope = new Scope(call.name() + "/", values, attributes, opsets);
    for (int i = 0; i < function.getNodeCount(); i++) {
      add(function.getNode(i), i, scope, depth + 1);
    }
    nodes.addAll(copies);
    active.remove(key);
  }

  /** Binds formal to actual names; returns copies for outputs that are inputs passed through. */
  private List<OnnxNode> bind(
      List<String> formals,
      List<String> actuals,
      Map<String, String> values,
      OnnxNode call,
      boolean outputs) {
    List<OnnxNode> copies = new ArrayList<>();
    for (int i = 0; i < formals.size(); i++) {
      String actual = i < actuals.size() ? actuals.get(i) : "";
      String formal = formals.get(i);
      if (outputs && values.containsKey(formal)) {
        if (!actual.isEmpty()) {
          copies.add(identity(call, values.get(formal), actual));
        }
      } else if (outputs && actual.isEmpty()) {
        values.put(formal, valueNames.fresh(call.name() + "/" + formal));
      } else if (values.put(formal, actual) != null) {
        throw OnnxImporter.invalid(
            call.label() + ": its function names parameter '" + formal + "' twice");
      }
    }
    return copies;
  }

  private OnnxNode identity(OnnxNode call, String from, String to) {
    String name = nodeNames.fresh(call.name() + "/copy");
    Attributes none = Attributes.of(List.of());
    int opset = modelOpsets.getOrDefault("", 0);
    return new OnnxNode(name, "", "Identity", opset, List.of(from), List.of(to), none, null);
  }

  private List<String> resolve(List<String> names, Scope scope) {
    if (scope.values == null) {
      return List.copyOf(names);
    }
    List<String> resolved = new ArrayList<>(names.size());
    for (String name : names) {
      resolved.add(name.isEmpty() ? "" : scope.values.computeIfAbsent(name, n -> local(n, scope)));
    }
    return resolved;
  }

  private String local(String name, Scope scope) {
    copy(scope.prefix.length());
    return valueNames.fresh(scope.prefix + name);
  }

  /** Calls multiply what the file holds once: names, bodies, constants inside bodies. */
  private void copy(long size) {
    copied += size;
    if (copied > MAX_COPIED) {
      throw OnnxImporter.unsupported(
          "inlining the model's functions copies more than " + (MAX_COPIED >> 20) + " MiB");
    }
  }

  private List<AttributeProto> resolveAttributes(List<AttributeProto> list, Scope scope) {
    List<AttributeProto> resolved = new ArrayList<>(list.size());
    for (AttributeProto attribute : list) {
      if (attribute.getRefAttrName().isEmpty()) {
        resolved.add(attribute);
        continue;
      }
      if (scope.values == null) {
        throw NodeProblem.invalid(
            "attribute '" + attribute.getName() + "' refers to a function's outside a function");
      }
      // A reference to an attribute that the call leaves out is an attribute left out.
      AttributeProto actual = scope.attributes.get(attribute.getRefAttrName());
      if (actual != null) {
        copy(actual.getSerializedSize());
        resolved.add(actual.toBuilder().setName(attribute.getName()).build());
      }
    }
    return resolved;
  }

  private static boolean isHelu(String domain, String opType) {
    return domain.equals(OpTable.HELU_DOMAIN) && opType.equals("HeLU");
  }

  private static void requireReluBody(FunctionProto function, OnnxNode node) {
    boolean relu =
        function.getNodeCount() == 1
            && function.getInputCount() == 1
            && function.getOutputCount() == 1
            && function.getNode(0).getOpType().equals("Relu")
            && normalDomain(function.getNode(0).getDomain()).isEmpty()
            && function.getNode(0).getInputList().equals(function.getInputList())
            && function.getNode(0).getOutputList().equals(function.getOutputList());
    if (!relu) {
      throw OnnxImporter.invalid(node.label() + ": the body of helu::HeLU must be one Relu");
    }
  }

  private static String alphaText(NodeProto proto) {
    for (StringStringEntryProto entry : proto.getMetadataPropsList()) {
      if (entry.getKey().equals(HeluAlpha.KEY)) {
        return entry.getValue();
      }
    }
    return null;
  }

  private static Map<String, Integer> opsets(List<OperatorSetIdProto> imports, String where) {
    Map<String, Integer> opsets = new HashMap<>();
    for (OperatorSetIdProto opset : imports) {
      String domain = normalDomain(opset.getDomain());
      int version = Math.clamp(opset.getVersion(), 0, Integer.MAX_VALUE);
      Integer previous = opsets.put(domain, version);
      if (previous != null && previous != version) {
        throw OnnxImporter.invalid(where + " imports operator set '" + domain + "' twice");
      }
      if (domain.isEmpty()) {
        OnnxImporter.requireOpset(version, where);
      }
    }
    return opsets;
  }

  private static String normalDomain(String domain) {
    return domain.equals("ai.onnx") ? "" : domain;
  }

  private static String key(String domain, String name, String overload) {
    String key = normalDomain(domain) + "::" + name;
    return overload.isEmpty() ? key : key + ":" + overload;
  }
}
