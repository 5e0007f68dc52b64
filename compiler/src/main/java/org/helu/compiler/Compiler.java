package org.helu.compiler;

import java.util.ArrayList;
import java.util.List;
import org.helu.compiler.calibration.QuantizationPlan;
import org.helu.compiler.onnx.ImportedModel;
import org.helu.compiler.pass.EliminateDeadCode;
import org.helu.compiler.pass.FoldAffine;
import org.helu.compiler.pass.FoldBatchNorm;
import org.helu.compiler.pass.FoldConstants;
import org.helu.compiler.pass.FuseActivations;
import org.helu.compiler.pass.FuseConversions;
import org.helu.compiler.pass.FuseResidualAdd;
import org.helu.compiler.pass.LowerConvolution;
import org.helu.compiler.pass.LowerHeluToGate;
import org.helu.compiler.pass.LowerMatMul;
import org.helu.compiler.pass.LowerQuantizedLayers;
import org.helu.compiler.pass.MergeLinear;
import org.helu.compiler.pass.PackBits;
import org.helu.compiler.pass.Pass;
import org.helu.compiler.pass.PassLog;
import org.helu.compiler.pass.PruneGates;
import org.helu.compiler.pass.RecognizeQuantizers;
import org.helu.compiler.pass.RemoveNoOps;
import org.helu.compiler.pass.SinkTransposes;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.IntegerOp;

/** Turns an imported model into the graph that devices run, by a visible list of passes. */
public final class Compiler {
  /** Version written into compiled files; a change of passes that changes files changes it. */
  public static final String VERSION = "helu 0.1";

  private Compiler() {}

  /**
   * All passes in order. Quantizers that a network was trained with are lowered exactly; a network
   * without any passes them unchanged.
   */
  public static List<Pass> passes() {
    return passes(new LowerQuantizedLayers());
  }

  /** All passes for a network that calibration gave its quantizers. */
  public static List<Pass> passesAfterCalibration() {
    return passes(LowerQuantizedLayers.withRoundedResiduals());
  }

  private static List<Pass> passes(LowerQuantizedLayers lowerQuantizedLayers) {
    return List.of(
        FoldConstants.exceptQuantizers(),
        new EliminateDeadCode(),
        new RemoveNoOps(),
        new FuseActivations(),
        new RecognizeQuantizers(),
        lowerQuantizedLayers,
        new FoldConstants(),
        new FoldBatchNorm(),
        new LowerMatMul(),
        new LowerConvolution(),
        new SinkTransposes(),
        new FoldAffine(),
        new PruneGates(),
        new MergeLinear(),
        new FuseResidualAdd(),
        new FuseConversions(),
        new PackBits(),
        new LowerHeluToGate(),
        new RemoveNoOps(),
        new EliminateDeadCode());
  }

  /**
   * The passes that give the float network whose layers are encoded: its batch norms are folded, so
   * that weights and activations are the ones that a device multiplies.
   */
  private static List<Pass> floatPasses() {
    return List.of(
        new FoldConstants(),
        new EliminateDeadCode(),
        new RemoveNoOps(),
        new FuseActivations(),
        new FoldBatchNorm());
  }

  /**
   * The float network whose layers are encoded.
   *
   * @throws HeluException if the model has quantizers: it was trained for what it is to be
   */
  public static Graph floatGraph(ImportedModel model, CompilerOptions options, PassLog log) {
    Graph graph = declareRange(model.graph(), options);
    for (Node node : graph.nodes()) {
      if (node.op() instanceof FloatOp.Quantize || node.op() instanceof FloatOp.MultiThreshold) {
        throw HeluException.unsupported(
            "compile/" + options.mode().label(),
            node.label() + ": expected a float network, found quantizers",
            "a network that was trained quantized is lowered exactly: compile with --mode exact");
      }
    }
    for (Pass pass : floatPasses()) {
      log.enter(pass.name());
      graph = pass.apply(graph, log);
    }
    return graph;
  }

  /** Compiles with default options. */
  public static Compilation compile(ImportedModel model) {
    return compile(model, CompilerOptions.DEFAULT);
  }

  /**
   * Compiles a model.
   *
   * @throws org.helu.runtime.HeluException if a node cannot be lowered, or, with {@code
   *     verifyPasses}, if a pass changed an answer; the message names it
   */
  public static Compilation compile(ImportedModel model, CompilerOptions options) {
    Graph graph = declareRange(model.graph(), options);
    PassLog log = new PassLog();
    PassVerifier verifier = options.verifyPasses() ? new PassVerifier(graph) : null;
    List<CompileReport.PassResult> results = new ArrayList<>();
    for (Pass pass : passes(model, options)) {
      log.enter(pass.name());
      Graph next = pass.apply(graph, log);
      results.add(
          new CompileReport.PassResult(
              pass.name(), next != graph, graph.nodes().size(), next.nodes().size()));
      if (verifier != null && next != graph) {
        boolean rounds = options.encodings() != null && pass instanceof LowerQuantizedLayers;
        if (rounds || QuantizationPlan.changesAnswers(pass)) {
          verifier = new PassVerifier(next);
        } else {
          verifier.check(pass.name(), next);
        }
      }
      graph = next;
    }
    Provenance provenance =
        new Provenance(model.sha256(), label(graph, options.mode()), VERSION, model.alpha());
    if (options.encodings() != null) {
      provenance = provenance.with(options.encodings().certificate());
    }
    BinarizedGraph binarized = new BinarizedGraph(graph, provenance);
    return new Compilation(binarized, CompileReport.of(model, binarized, results, log.notes()));
  }

  private static List<Pass> passes(ImportedModel model, CompilerOptions options) {
    QuantizationPlan plan = options.encodings();
    if (plan == null) {
      if (options.mode() != Mode.EXACT) {
        throw HeluException.invalid(
            "compile/" + options.mode().label(),
            "expected calibration data or encodings, found neither",
            "give --calibrate or --encodings");
      }
      return passes();
    }
    if (!plan.sourceSha256().equals(model.sha256())) {
      throw HeluException.invalid(
          "compile/" + options.mode().label(),
          "expected encodings of this model, SHA-256 "
              + model.sha256()
              + ", found encodings of "
              + plan.sourceSha256(),
          "make them again for this network");
    }
    if (!plan.mode().equals(options.mode().label())) {
      throw HeluException.invalid(
          "compile/" + options.mode().label(),
          "expected encodings of this mode, found encodings of " + plan.mode(),
          "compile with --mode " + plan.mode());
    }
    List<Pass> passes = new ArrayList<>(floatPasses());
    passes.addAll(plan.passes());
    passes.addAll(passesAfterCalibration());
    return passes;
  }

  /**
   * What the graph is: {@code exact} promises float magnitudes, so a graph with integer codes is
   * {@code binarized} where a layer has one-bit activations and weights, else {@code quantized}.
   */
  private static String label(Graph graph, Mode mode) {
    if (mode != Mode.EXACT || graph.nodes().stream().noneMatch(n -> n.op() instanceof IntegerOp)) {
      return mode.label();
    }
    return graph.nodes().stream().anyMatch(node -> isBinary(graph, node))
        ? "binarized"
        : "quantized";
  }

  private static boolean isBinary(Graph graph, Node node) {
    boolean layer =
        node.op() instanceof IntegerOp.IntegerDense || node.op() instanceof IntegerOp.IntegerConv2d;
    return layer
        && graph.type(node.input(0)).planes() == 1
        && graph.type(node.input(1)).planes() == 1;
  }

  private static Graph declareRange(Graph graph, CompilerOptions options) {
    if (options.inputRange() == null) {
      return graph;
    }
    GraphBuilder builder = new GraphBuilder(graph.name());
    graph
        .inputs()
        .forEach(
            input ->
                builder.input(new GraphInput(input.name(), input.type(), options.inputRange())));
    graph.constants().forEach(builder::constant);
    graph.nodes().forEach(builder::add);
    graph.outputs().forEach(builder::output);
    return builder.build();
  }
}
