package org.helu.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import org.helu.compiler.analysis.LayerBits;
import org.helu.compiler.analysis.LayerCost;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.GraphPrinter;
import org.helu.runtime.graph.Node;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.plan.MemoryPlan;
import org.helu.runtime.tensor.Encoding;
import org.helu.runtime.tensor.TensorType;

/**
 * What {@code helu inspect} tells of a network.
 *
 * @param graph the network
 * @param provenance where it came from
 * @param fileBytes length of the .helu file, 0 for an imported model
 * @param plan the memory plan for one sample, null for an imported model
 */
record Inspection(Graph graph, Provenance provenance, long fileBytes, MemoryPlan plan) {
  static Inspection ofCompiled(BinarizedGraph graph, long fileBytes) {
    return new Inspection(graph.graph(), graph.provenance(), fileBytes, MemoryPlan.of(graph, 1));
  }

  static Inspection ofImported(Graph graph, String sha256, float alpha) {
    return new Inspection(graph, new Provenance(sha256, "", "", alpha), 0, null);
  }

  void print(PrintWriter out) {
    out.println(graph.name() + (plan == null ? " (ONNX, as imported)" : ""));
    for (GraphInput input : graph.inputs()) {
      String range = input.range().isBounded() ? " in " + input.range() : "";
      out.println("  input  " + input.name() + ": " + input.type() + range);
    }
    for (String output : graph.outputs()) {
      out.println("  output " + output + ": " + graph.type(output));
    }
    out.println();
    boolean integers = graph.nodes().stream().anyMatch(node -> node.op() instanceof IntegerOp);
    TextTable table =
        integers
            ? new TextTable(
                "layer",
                "op",
                "output",
                "encoding",
                "arithmetic",
                ">|sum|",
                ">thresholds",
                ">MACs",
                ">BOPs",
                ">weights",
                ">activation")
            : new TextTable(
                "layer", "op", "output", "encoding", ">MACs", ">weights", ">activation");
    for (Node node : graph.nodes()) {
      TensorType type = graph.type(node.output());
      LayerCost cost = LayerCost.of(graph, node);
      if (integers) {
        LayerBits bits = LayerBits.of(graph, node);
        table.row(
            node.name(),
            GraphPrinter.describe(node.op()),
            type.withEncoding(Encoding.PLAIN).toString(),
            type.encoding().toString(),
            LayerBits.arithmetic(graph, node),
            bits.accumulatorBound() == 0 ? "" : Units.count(bits.accumulatorBound()),
            bits.thresholds() == 0 ? "" : Units.count(bits.thresholds()),
            Units.count(cost.macs()),
            Units.count(bits.bitOperations()),
            Units.bytes(cost.weightBytes()),
            Units.bytes(cost.outputBytes()));
        continue;
      }
      table.row(
          node.name(),
          GraphPrinter.describe(node.op()),
          type.withEncoding(Encoding.PLAIN).toString(),
          type.encoding().toString(),
          Units.count(cost.macs()),
          Units.bytes(cost.weightBytes()),
          Units.bytes(cost.outputBytes()));
    }
    table.print(out);
    out.println();
    out.println("for one sample:");
    out.println("  multiply-accumulates   " + Units.count(GraphCost.macs(graph)));
    if (integers) {
      long bits = LayerBits.bitOperations(graph);
      long floats = LayerBits.floatBitOperations(graph);
      out.println(
          "  bit operations         "
              + Units.count(bits)
              + " (as float32: "
              + Units.count(floats)
              + String.format(java.util.Locale.ROOT, ", %.1f times)", (double) floats / bits));
    }
    out.println("  parameters             " + Units.count(GraphCost.parameters(graph)));
    out.println("  constants              " + Units.bytes(graph.constantBytes()));
    out.println("  gated values           " + GraphCost.gatedValues(graph));
    if (plan != null) {
      out.println(
          "  activations at peak    "
              + Units.bytes(plan.peakBytes())
              + " (without sharing: "
              + Units.bytes(plan.totalBytes())
              + ")");
      out.println("  file                   " + Units.bytes(fileBytes));
    }
    out.println("provenance:");
    printProvenance(out, "mode", provenance.mode());
    printProvenance(out, "compiler", provenance.compilerVersion());
    printProvenance(out, "source SHA-256", provenance.sourceSha256());
    printProvenance(
        out, "alpha", Float.isNaN(provenance.alpha()) ? "" : Float.toString(provenance.alpha()));
    if (provenance.certificate() != null) {
      Certificates.print(out, provenance.certificate());
    }
  }

  private static void printProvenance(PrintWriter out, String name, String value) {
    out.printf("  %-22s %s%n", name, value.isEmpty() ? "unknown" : value);
  }

  ObjectNode toJson() {
    ObjectNode json = Json.object();
    json.put("name", graph.name()).put("format", plan == null ? "onnx" : "helu");
    ArrayNode inputs = json.putArray("inputs");
    for (GraphInput input : graph.inputs()) {
      ObjectNode entry = typed(inputs.addObject().put("name", input.name()), input.type());
      if (input.range().isBounded()) {
        entry.putArray("range").add(input.range().min()).add(input.range().max());
      }
    }
    ArrayNode outputs = json.putArray("outputs");
    for (String output : graph.outputs()) {
      typed(outputs.addObject().put("name", output), graph.type(output));
    }
    ArrayNode layers = json.putArray("layers");
    graph.nodes().forEach(node -> layers.add(layer(node)));
    ObjectNode totals = json.putObject("totals");
    totals.put("macs", GraphCost.macs(graph)).put("parameters", GraphCost.parameters(graph));
    totals.put("bitOperations", LayerBits.bitOperations(graph));
    totals.put("floatBitOperations", LayerBits.floatBitOperations(graph));
    totals.put("constantBytes", graph.constantBytes());
    totals.put("gatedValues", GraphCost.gatedValues(graph));
    if (plan != null) {
      totals.put("peakActivationBytes", plan.peakBytes());
      totals.put("unsharedActivationBytes", plan.totalBytes());
      totals.put("fileBytes", fileBytes);
    }
    ObjectNode origin = json.putObject("provenance");
    origin.put("mode", provenance.mode()).put("compilerVersion", provenance.compilerVersion());
    origin.put("sourceSha256", provenance.sourceSha256());
    if (!Float.isNaN(provenance.alpha())) {
      origin.put("alpha", provenance.alpha());
    }
    if (provenance.certificate() != null) {
      origin.set("certificate", Certificates.toJson(provenance.certificate()));
    }
    return json;
  }

  private ObjectNode layer(Node node) {
    ObjectNode layer = Json.object();
    layer.put("name", node.name()).put("op", node.op().name());
    layer.put("description", GraphPrinter.describe(node.op()));
    layer.set("inputs", Json.strings(node.inputs()));
    layer.put("output", node.output());
    typed(layer, graph.type(node.output()));
    LayerCost cost = LayerCost.of(graph, node);
    layer.put("macs", cost.macs()).put("weightBytes", cost.weightBytes());
    layer.put("activationBytes", cost.outputBytes());
    LayerBits bits = LayerBits.of(graph, node);
    layer.put("activationBits", bits.activationBits()).put("weightBits", bits.weightBits());
    layer.put("bitOperations", bits.bitOperations());
    layer.put("accumulatorBound", bits.accumulatorBound()).put("thresholds", bits.thresholds());
    layer.set("origins", Json.strings(node.origins()));
    return layer;
  }

  private static ObjectNode typed(ObjectNode json, TensorType type) {
    json.put("element", type.elementType().name());
    json.set("shape", Json.shape(type.shape()));
    return json.put("encoding", type.encoding().toString());
  }
}
