package org.helu.compiler.calibration;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.helu.compiler.Compilation;
import org.helu.compiler.Compiler;
import org.helu.compiler.CompilerOptions;
import org.helu.compiler.Mode;
import org.helu.compiler.onnx.ImportedModel;
import org.helu.compiler.pass.PassLog;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.Device;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Certificate;
import org.helu.runtime.graph.Graph;

/**
 * Lowers a float network to few bits, as calibration data allow: calibrates, equalizes layers and
 * corrects biases where that brings the network's answers nearer to the float network's, searches
 * encodings ({@code auto}), compiles, and measures the compiled graph on data that played no part
 * in any choice.
 */
public final class PostTraining {
  /** More samples only make the choice between two variants slower. */
  private static final int VARIANT_SAMPLES = 256;

  /** A variant must bring this much to be taken: less is noise. */
  private static final double WORTHWHILE = 0.99;

  /** How often the search is repeated with half the budget when the other half disagrees. */
  private static final int CERTIFICATIONS = 4;

  private final ImportedModel model;
  private final Options options;
  private final Device device;
  private final Progress progress;
  private final CalibrationData search;
  private final CalibrationData certify;
  private final String dataSha256;

  private float[][] searchReference;
  private float[][] certifyReference;

  /**
   * What a user can set.
   *
   * @param compiler mode INT8 or AUTO, input range
   * @param budget largest loss of accuracy, a fraction; NaN for none (INT8 alone)
   * @param cost by which AUTO compares graphs
   */
  public record Options(
      CompilerOptions compiler, RangeMethod method, double budget, CostModel cost) {
    public Options {
      Objects.requireNonNull(method);
      Objects.requireNonNull(cost);
      if (compiler.mode() == Mode.EXACT || compiler.mode() == Mode.AUTO && Double.isNaN(budget)) {
        throw new IllegalArgumentException("expected int8, or auto with a budget");
      }
    }
  }

  /**
   * What came of it.
   *
   * @param compilation the graph, with its certificate
   * @param plan from which it is compiled again without data
   * @param report how encodings were chosen; null for INT8
   */
  public record Result(Compilation compilation, QuantizationPlan plan, SearchReport report) {}

  private PostTraining(
      ImportedModel model,
      CalibrationData data,
      Options options,
      Device device,
      Progress progress) {
    this.model = model;
    this.options = options;
    this.device = device;
    this.progress = progress;
    this.search = data.half(0);
    this.certify = data.half(1);
    this.dataSha256 = data.sha256();
  }

  /**
   * @param device runs the network on the calibration data
   * @throws HeluException if the data do not fit the network, or the budget cannot be met
   */
  public static Result run(
      ImportedModel model,
      CalibrationData data,
      Options options,
      Device device,
      Progress progress) {
    Graph graph = Compiler.floatGraph(model, options.compiler(), new PassLog());
    data.requireFits(graph);
    if (data.count() < 2) {
      throw HeluException.invalid(
          CalibrationData.STAGE,
          "expected 2 samples or more, found " + data.count(),
          "encodings are chosen on one half of the data and certified on the other");
    }
    return new PostTraining(model, data, options, device, progress).run(graph);
  }

  private String stage() {
    return "compile/" + options.compiler().mode().label();
  }

  private Result run(Graph graph) {
    if (FloatLayer.of(graph).isEmpty()) {
      throw HeluException.unsupported(
          stage(),
          "'" + graph.name() + "' has no layer with constant float weights that could be encoded",
          "compile with --mode exact");
    }
    BinarizedGraph exact = NetworkRun.lower(graph);
    searchReference = NetworkRun.logits(device, exact, search);
    certifyReference = NetworkRun.logits(device, exact, certify);
    List<QuantizationPlan.Equalization> equalizations = new ArrayList<>();
    Variant best = equalize(graph, equalizations);
    QuantizationPlan all = plan(equalizations, best, uniform(best, LayerEncoding.INT8));
    return options.compiler().mode() == Mode.INT8 ? int8(all, best) : auto(equalizations, best);
  }

  /** A float graph, calibrated. */
  private record Variant(
      Graph graph,
      Calibrator calibrator,
      List<Map<LayerEncoding, QuantizationPlan.Layer>> choices,
      double error) {}

  /** Takes each equalization, and the bias correction, if it brings the answers nearer. */
  private Variant equalize(Graph graph, List<QuantizationPlan.Equalization> taken) {
    Variant best = variant(graph);
    List<EqualizeLayers.Pair> pairs = EqualizeLayers.pairs(graph);
    for (int i = 0; i < pairs.size(); i++) {
      EqualizeLayers.Pair pair = pairs.get(i);
      QuantizationPlan.Equalization candidate =
          new QuantizationPlan.Equalization(
              pair.first().name(),
              pair.second().name(),
              EqualizeLayers.factors(best.graph, current(best.graph, pair)));
      Graph equalized = new EqualizeLayers(List.of(candidate)).apply(best.graph, new PassLog());
      Variant variant = variant(equalized);
      if (variant.error < WORTHWHILE * best.error) {
        best = variant;
        taken.add(candidate);
      }
      progress.step("equalize layers", i + 1, pairs.size());
    }
    return best;
  }

  private static EqualizeLayers.Pair current(Graph graph, EqualizeLayers.Pair pair) {
    return EqualizeLayers.pairs(graph).stream()
        .filter(p -> p.first().name().equals(pair.first().name()))
        .filter(p -> p.second().name().equals(pair.second().name()))
        .findFirst()
        .orElse(pair);
  }

  /** Calibrates a graph and measures it with all layers in 8 bits. */
  private Variant variant(Graph graph) {
    Calibrator calibrator = Calibrator.run(graph, search, options.method(), device, progress);
    Variant plain = variant(graph, calibrator, false);
    Variant corrected = variant(graph, calibrator, true);
    return corrected.error < WORTHWHILE * plain.error ? corrected : plain;
  }

  private Variant variant(Graph graph, Calibrator calibrator, boolean correctBias) {
    List<Map<LayerEncoding, QuantizationPlan.Layer>> choices = new ArrayList<>();
    for (FloatLayer layer : calibrator.layers()) {
      Map<LayerEncoding, QuantizationPlan.Layer> plain = calibrator.choices(layer, correctBias);
      Map<LayerEncoding, QuantizationPlan.Layer> corrected = calibrator.choices(layer, true);
      // One-bit weights shift a sum by so much that they are always corrected.
      corrected.forEach(
          (encoding, choice) -> {
            if (encoding.weightBits() == 1) {
              plain.put(encoding, choice);
            }
          });
      choices.add(plain);
    }
    Variant unmeasured = new Variant(graph, calibrator, choices, Double.NaN);
    QuantizationPlan plan = plan(List.of(), unmeasured, uniform(unmeasured, LayerEncoding.INT8));
    CalibrationData part = search.atMost(VARIANT_SAMPLES);
    int step = (search.count() + part.count() - 1) / part.count();
    float[][] reference = new float[part.count()][];
    for (int i = 0; i < reference.length; i++) {
      reference[i] = searchReference[i * step];
    }
    Score score = score(unmeasured, plan, part, reference);
    return new Variant(graph, calibrator, choices, score.meanSquaredError());
  }

  private Score score(
      Variant variant, QuantizationPlan plan, CalibrationData data, float[][] reference) {
    Graph simulated = new QuantizeLayers(plan, true).apply(variant.graph, new PassLog());
    float[][] logits = NetworkRun.logits(device, NetworkRun.lower(simulated), data);
    return Score.of(logits, reference, data.labels());
  }

  private static List<LayerEncoding> uniform(Variant variant, LayerEncoding encoding) {
    return Collections.nCopies(variant.choices.size(), encoding);
  }

  private QuantizationPlan plan(
      List<QuantizationPlan.Equalization> equalizations,
      Variant variant,
      List<LayerEncoding> encodings) {
    List<QuantizationPlan.Layer> layers = new ArrayList<>();
    for (int i = 0; i < encodings.size(); i++) {
      layers.add(variant.choices.get(i).get(encodings.get(i)));
    }
    String mode = options.compiler().mode().label();
    return new QuantizationPlan(
        model.sha256(), mode, equalizations, layers, variant.calibrator.values(), null);
  }

  private Result int8(QuantizationPlan plan, Variant variant) {
    Result result = certified(plan, null);
    Certificate certificate = result.plan().certificate();
    if (!Double.isNaN(options.budget()) && !met(certificate)) {
      EncodingSearch search =
          encodingSearch(
              variant,
              variant.choices.stream()
                  .map(_ -> Set.of(LayerEncoding.EXACT, LayerEncoding.INT8))
                  .toList());
      throw notMet(certificate, variant, search.sensitivity());
    }
    return result;
  }

  private EncodingSearch encodingSearch(
      Variant variant, List<? extends Set<LayerEncoding>> choices) {
    boolean[] reference = Score.of(searchReference, searchReference, search.labels()).right();
    return new EncodingSearch(
        variant.calibrator.layers(),
        choices,
        options.cost(),
        encodings -> {
          if (encodings.stream().allMatch(LayerEncoding::isExact)) {
            return Loss.NONE;
          }
          QuantizationPlan plan = plan(List.of(), variant, encodings);
          return Loss.of(reference, score(variant, plan, search, searchReference).right());
        },
        progress);
  }

  private Result auto(List<QuantizationPlan.Equalization> equalizations, Variant variant) {
    EncodingSearch encodings =
        encodingSearch(variant, variant.choices.stream().map(Map::keySet).toList());
    double reference = Score.of(searchReference, searchReference, search.labels()).accuracy();
    double budget = options.budget();
    Certificate last = null;
    for (int i = 0; i < CERTIFICATIONS; i++, budget /= 2) {
      List<LayerEncoding> chosen = encodings.within(budget);
      // Layers that fit but cost no less stay float: then the float network is the cheapest.
      boolean cheapest = i == 0 && encodings.fitsAlone(budget);
      if (chosen.equals(encodings.exact()) && !cheapest) {
        break;
      }
      Result result =
          certified(plan(equalizations, variant, chosen), encodings.report(reference, chosen));
      last = result.plan().certificate();
      if (met(last)) {
        return result;
      }
    }
    throw notMet(last, variant, encodings.sensitivity());
  }

  private boolean met(Certificate certificate) {
    return certificate.drop() + certificate.standardError() <= options.budget();
  }

  /** Compiles and measures on the other half. */
  private Result certified(QuantizationPlan plan, SearchReport report) {
    CompilerOptions compiler = options.compiler();
    Compilation compiled = Compiler.compile(model, compiler.with(plan));
    progress.step("certify", 0, 1);
    float[][] logits = NetworkRun.logits(device, compiled.graph(), certify);
    int[] labels = certify.labels();
    Score reference = Score.of(certifyReference, certifyReference, labels);
    Score own = Score.of(logits, certifyReference, labels);
    Certificate certificate =
        new Certificate(
            dataSha256,
            search.count(),
            certify.count(),
            labels != null,
            reference.accuracy(),
            own.accuracy(),
            Loss.of(reference.right(), own.right()).error(),
            options.budget(),
            device.name(),
            plan.layers().stream()
                .map(layer -> new Certificate.Layer(layer.node(), layer.encoding().label()))
                .toList());
    progress.step("certify", 1, 1);
    QuantizationPlan measured = plan.with(certificate);
    return new Result(compiled.with(certificate), measured, report);
  }

  private HeluException notMet(
      Certificate last, Variant variant, List<Map<LayerEncoding, Double>> sensitivity) {
    TreeMap<Double, List<String>> costs = new TreeMap<>(Collections.reverseOrder());
    for (int i = 0; i < sensitivity.size(); i++) {
      String name = variant.calibrator.layers().get(i).name();
      sensitivity
          .get(i)
          .forEach(
              (encoding, lost) ->
                  costs
                      .computeIfAbsent(lost, _ -> new ArrayList<>())
                      .add(
                          String.format(
                              Locale.ROOT, "'%s' %.2f (%s)", name, 100 * lost, encoding.label())));
    }
    String found =
        last == null
            ? "no layer can be encoded within it"
            : String.format(
                Locale.ROOT,
                "found %.2f +- %.2f on the %d samples that certify",
                100 * last.drop(),
                100 * last.standardError(),
                last.samples());
    return HeluException.invalid(
        stage(),
        String.format(
            Locale.ROOT,
            "expected to lose at most %.2f points, %s; alone the layers lose %s",
            100 * options.budget(),
            found,
            String.join(", ", costs.values().stream().flatMap(List::stream).toList())),
        "raise --max-drop, give more calibration data, or train the network quantized");
  }
}
