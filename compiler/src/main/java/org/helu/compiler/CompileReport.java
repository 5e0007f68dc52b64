package org.helu.compiler;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.helu.compiler.analysis.LayerBits;
import org.helu.compiler.analysis.LayerCost;
import org.helu.compiler.onnx.ImportedModel;
import org.helu.compiler.pass.PassLog;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphPrinter;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.plan.MemoryPlan;

/**
 * What became of every node of a model.
 *
 * @param model name of the network
 * @param mode how activations were lowered
 * @param passes what ran, in order
 * @param fates one entry per imported node
 * @param layers the compiled nodes with their costs per sample
 * @param helus HeLU nodes in the model
 * @param gates one-bit gates in the compiled graph; fused ones in {@code fusedGates}
 * @param fusedGates gates that are an epilogue of a dense layer or convolution
 * @param floatActivations activations that stay float functions, with their elements a sample
 * @param peakBytes activation memory of one sample, shared by the plan
 * @param unsharedBytes what the activations of one sample would take without sharing
 */
public record CompileReport(
    String model,
    String mode,
    List<PassResult> passes,
    List<Fate> fates,
    List<Layer> layers,
    int helus,
    int gates,
    int fusedGates,
    List<String> floatActivations,
    long peakBytes,
    long unsharedBytes) {

  /** One pass and what it did to the number of nodes. */
  public record PassResult(String name, boolean changed, int nodesBefore, int nodesAfter) {}

  /** An imported node, the compiled nodes that came from it, and what passes said of it. */
  public record Fate(String node, String op, List<String> became, List<String> notes) {}

  /** A compiled node. */
  public record Layer(String node, String op, String output, LayerCost cost, LayerBits bits) {}

  static CompileReport of(
      ImportedModel model,
      BinarizedGraph compiled,
      List<PassResult> passes,
      List<PassLog.Note> notes) {
    Graph graph = compiled.graph();
    Map<String, List<String>> became = new LinkedHashMap<>();
    List<Layer> layers = new ArrayList<>();
    List<String> floatActivations = new ArrayList<>();
    int gates = 0;
    int fusedGates = 0;
    for (Node node : graph.nodes()) {
      for (String origin : node.origins()) {
        became.computeIfAbsent(origin, _ -> new ArrayList<>()).add(node.name());
      }
      layers.add(
          new Layer(
              node.name(),
              GraphPrinter.describe(node.op()),
              graph.type(node.output()).toString(),
              LayerCost.of(graph, node),
              LayerBits.of(graph, node)));
      boolean fused = BinarizedGraph.op(node).epilogues().contains(Epilogue.GATE);
      fusedGates += fused ? 1 : 0;
      gates += fused || node.op() instanceof DeviceOp.Gate ? 1 : 0;
      if (node.op() instanceof DeviceOp.Unary unary) {
        long elements = graph.type(node.output()).shape().elementsPerSample();
        floatActivations.add(node.name() + " (" + unary.kind() + ", " + elements + " a sample)");
      }
    }
    Map<String, List<String>> remarks = new HashMap<>();
    for (PassLog.Note note : notes) {
      remarks
          .computeIfAbsent(note.node(), _ -> new ArrayList<>())
          .add(note.pass() + ": " + note.text());
    }
    List<Fate> fates = new ArrayList<>();
    int helus = 0;
    for (Node node : model.graph().nodes()) {
      helus += node.op() instanceof FloatOp.Helu ? 1 : 0;
      fates.add(
          new Fate(
              node.name(),
              GraphPrinter.describe(node.op()),
              became.getOrDefault(node.name(), List.of()),
              remarks.getOrDefault(node.name(), List.of())));
    }
    MemoryPlan plan = MemoryPlan.of(compiled, 1);
    return new CompileReport(
        graph.name(),
        compiled.provenance().mode(),
        List.copyOf(passes),
        fates,
        layers,
        helus,
        gates,
        fusedGates,
        floatActivations,
        plan.peakBytes(),
        plan.totalBytes());
  }

  /** Multiply-accumulates of one sample. */
  public long macs() {
    return layers.stream().mapToLong(layer -> layer.cost().macs()).sum();
  }

  /** BOPs of one sample: multiply-accumulates x activation bits x weight bits. */
  public long bitOperations() {
    return layers.stream().mapToLong(layer -> layer.bits().bitOperations()).sum();
  }

  /** Bytes of all weights. */
  public long weightBytes() {
    return layers.stream().mapToLong(layer -> layer.cost().weightBytes()).sum();
  }

  /** The totals, in a few lines. */
  public String toSummary() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%d HeLUs, %d one-bit gates (%d fused); %,d MACs, %,d weight bytes%n",
            helus,
            gates,
            fusedGates,
            macs(),
            weightBytes()));
    text.append(
        String.format(
            Locale.ROOT,
            "activation memory %,d bytes a sample (%,d without sharing)%n",
            peakBytes,
            unsharedBytes));
    long integers = layers.stream().filter(layer -> layer.bits().accumulatorBound() > 0).count();
    if (integers > 0) {
      text.append(
          String.format(
              Locale.ROOT,
              "%d integer layers, %d of them with one-bit activations and weights; %,d thresholds%n",
              integers,
              layers.stream().filter(layer -> layer.bits().isBinary()).count(),
              layers.stream().mapToLong(layer -> layer.bits().thresholds()).sum()));
    }
    long floats = macs() * 32 * 32;
    if (bitOperations() < floats) {
      text.append(
          String.format(
              Locale.ROOT,
              "bit operations %,d, as float32 %,d: %.1f times fewer%n",
              bitOperations(),
              floats,
              (double) floats / bitOperations()));
    }
    if (!floatActivations.isEmpty()) {
      text.append("float activations, computed on every element: ");
      text.append(String.join(", ", floatActivations)).append('\n');
    }
    return text.toString().replace(System.lineSeparator(), "\n");
  }

  /** The report for reading. */
  public String toText() {
    StringBuilder text = new StringBuilder();
    text.append(model).append(", mode ").append(mode).append('\n');
    text.append("\npasses\n");
    for (PassResult pass : passes) {
      text.append(
          String.format(
              Locale.ROOT,
              "  %-20s %s%n",
              pass.name(),
              pass.changed() ? pass.nodesBefore() + " -> " + pass.nodesAfter() + " nodes" : "-"));
    }
    text.append("\nwhat became of every node\n");
    for (Fate fate : fates) {
      String became = fate.became().isEmpty() ? "gone" : String.join(", ", fate.became());
      text.append("  ").append(fate.node()).append(" (").append(fate.op()).append(") -> ");
      text.append(became).append('\n');
      fate.notes().forEach(note -> text.append("      ").append(note).append('\n'));
    }
    text.append("\ncompiled, per sample\n");
    for (Layer layer : layers) {
      text.append(
          String.format(
              Locale.ROOT,
              "  %-24s %-44s %-28s %,12d MACs %,10d weight bytes%n",
              layer.node(),
              layer.op(),
              layer.output(),
              layer.cost().macs(),
              layer.cost().weightBytes()));
      LayerBits bits = layer.bits();
      if (bits.accumulatorBound() > 0) {
        text.append(
            String.format(
                Locale.ROOT,
                "  %-24s %d x %d bits, %,d bit operations, |sum| <= %,d, %,d thresholds%n",
                "",
                bits.activationBits(),
                bits.weightBits(),
                bits.bitOperations(),
                bits.accumulatorBound(),
                bits.thresholds()));
      }
    }
    text.append('\n').append(toSummary());
    return text.toString().replace(System.lineSeparator(), "\n");
  }

  /** The report for programs. */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("model", model).put("mode", mode);
    json.put("helus", helus).put("gates", gates).put("fusedGates", fusedGates);
    json.put("macs", macs()).put("weightBytes", weightBytes());
    json.put("bitOperations", bitOperations());
    json.put("peakBytes", peakBytes).put("unsharedBytes", unsharedBytes);
    strings(json.putArray("floatActivations"), floatActivations);
    ArrayNode passArray = json.putArray("passes");
    for (PassResult pass : passes) {
      passArray
          .addObject()
          .put("name", pass.name())
          .put("changed", pass.changed())
          .put("nodesBefore", pass.nodesBefore())
          .put("nodesAfter", pass.nodesAfter());
    }
    ArrayNode fateArray = json.putArray("nodes");
    for (Fate fate : fates) {
      ObjectNode entry = fateArray.addObject().put("node", fate.node()).put("op", fate.op());
      strings(entry.putArray("became"), fate.became());
      strings(entry.putArray("notes"), fate.notes());
    }
    ArrayNode layerArray = json.putArray("layers");
    for (Layer layer : layers) {
      layerArray
          .addObject()
          .put("node", layer.node())
          .put("op", layer.op())
          .put("output", layer.output())
          .put("macs", layer.cost().macs())
          .put("weightBytes", layer.cost().weightBytes())
          .put("outputBytes", layer.cost().outputBytes())
          .put("activationBits", layer.bits().activationBits())
          .put("weightBits", layer.bits().weightBits())
          .put("bitOperations", layer.bits().bitOperations())
          .put("accumulatorBound", layer.bits().accumulatorBound())
          .put("thresholds", layer.bits().thresholds());
    }
    return json;
  }

  private static void strings(ArrayNode array, List<String> values) {
    values.forEach(array::add);
  }
}
