package org.helu.compiler.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.helu.compiler.pass.PassLog;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QuantizeLayersTest {
  private static QuantizationPlan plan(LayerEncoding encoding) {
    List<QuantizationPlan.Layer> layers = new ArrayList<>();
    for (FloatLayer layer : FloatLayer.of(TinyTask.graph())) {
      boolean exact = encoding.isExact();
      Quantizer quantizer = exact ? null : Quantizer.covering(0, 4, encoding.high());
      float[] bias = new float[exact ? 0 : layer.outputs()];
      for (int o = 0; o < bias.length; o++) {
        bias[o] = 0.01f * o;
      }
      layers.add(new QuantizationPlan.Layer(layer.name(), encoding, quantizer, bias));
    }
    return new QuantizationPlan("ab".repeat(32), "auto", List.of(), layers, List.of(), null);
  }

  private static Tensor run(Graph graph, Tensor input) {
    return new Interpreter(graph).run(List.of(input)).getFirst();
  }

  /** The same numbers as quantizers, as float ops, and as integer layers. */
  @ParameterizedTest
  @EnumSource(LayerEncoding.class)
  void allFormsAgree(LayerEncoding encoding) {
    Tensor x = TinyTask.samples(20).inputs();
    Graph quantized =
        new QuantizeLayers(plan(encoding), false).apply(TinyTask.graph(), new PassLog());
    Graph simulated =
        new QuantizeLayers(plan(encoding), true).apply(TinyTask.graph(), new PassLog());
    BinarizedGraph lowered = NetworkRun.lower(quantized);
    Tensor expected = run(quantized, x);
    Tensor byFloats = run(simulated, x);
    Tensor byIntegers = run(lowered.graph(), x);
    // A sum that lies on a tie of the next quantizer may round either way in float32: a few
    // outputs may be a step of one code off, most are equal to float tolerance.
    int off = 0;
    for (long i = 0; i < expected.elements(); i++) {
      double tolerance = 1e-4 * Math.max(1, Math.abs(expected.getFloat(i)));
      boolean near =
          Math.abs(expected.getFloat(i) - byFloats.getFloat(i)) <= tolerance
              && Math.abs(expected.getFloat(i) - byIntegers.getFloat(i)) <= tolerance;
      off += near ? 0 : 1;
    }
    assertTrue(off <= expected.elements() / 20, encoding + ": " + off + " outputs differ");
    long integers =
        lowered.graph().nodes().stream()
            .filter(
                node ->
                    node.op() instanceof IntegerOp.IntegerConv2d
                        || node.op() instanceof IntegerOp.IntegerDense)
            .count();
    assertEquals(encoding.isExact() ? 0 : 3, integers, lowered.graph().toString());
  }

  @Test
  void quantizersMeetTheHelu() {
    Graph quantized =
        new QuantizeLayers(plan(LayerEncoding.INT8), false).apply(TinyTask.graph(), new PassLog());
    List<String> sources = new ArrayList<>();
    for (Node node : quantized.nodes()) {
      if (node.op() instanceof FloatOp.Quantize) {
        sources.add(node.input(0));
      }
    }
    // Before pool and reshape, and one for both the convolution and the residual addition.
    assertEquals(List.of("x", "h1", "h2"), sources);
    Node add = quantized.producer("s");
    assertTrue(add.input(1).startsWith("h1@dq8"), add.toString());
  }

  @Test
  void weightsAreSymmetricPerChannel() {
    FloatLayer layer = FloatLayer.of(TinyTask.graph()).getFirst();
    Tensor weight = TinyTask.graph().constant("w1");
    Weights bytes = Weights.of(weight, layer, false);
    Weights bits = Weights.of(weight, layer, true);
    for (int o = 0; o < layer.outputs(); o++) {
      long most = 0;
      double mean = 0;
      for (int i = 0; i < layer.products(); i++) {
        int at = (int) (o * layer.products() + i);
        most = Math.max(most, Math.abs(bytes.codes().getLong(at)));
        mean += Math.abs(weight.getFloat(at)) / layer.products();
        assertEquals(weight.getFloat(at) < 0 ? -1 : 1, bits.codes().getLong(at));
        assertEquals(
            weight.getFloat(at), bytes.dequantized().getFloat(at), bytes.scales().getFloat(o));
      }
      assertEquals(127, most);
      assertEquals(mean, bits.scales().getFloat(o), 1e-6);
    }
  }

  @Test
  void equalizationKeepsTheAnswers() {
    Graph graph = TinyTask.graph();
    // conv1's value has two readers: no pair. A chain of two dense layers is one.
    assertEquals(List.of(), EqualizeLayers.pairs(graph));
    Graph chain = Chains.graph();
    List<EqualizeLayers.Pair> pairs = EqualizeLayers.pairs(chain);
    assertEquals(1, pairs.size());
    float[] factors = EqualizeLayers.factors(chain, pairs.getFirst());
    QuantizationPlan.Equalization equalization =
        new QuantizationPlan.Equalization("conv1", "conv2", factors);
    Graph equalized = new EqualizeLayers(List.of(equalization)).apply(chain, new PassLog());
    Tensor x = TinyTask.samples(5).inputs();
    Tensor before = run(chain, x);
    Tensor after = run(equalized, x);
    for (long i = 0; i < before.elements(); i++) {
      assertEquals(before.getFloat(i), after.getFloat(i), 1e-4);
    }
    float[] balanced =
        EqualizeLayers.factors(equalized, EqualizeLayers.pairs(equalized).getFirst());
    for (float factor : balanced) {
      assertEquals(1, factor, 1e-4);
    }
    HeluException e =
        assertThrows(
            HeluException.class,
            () -> new EqualizeLayers(List.of(equalization)).apply(graph, new PassLog()));
    assertTrue(e.getMessage().contains("'conv1' and 'conv2'"), e.getMessage());
  }

  @Test
  void encodingsOfAnotherNetworkAreErrors() {
    QuantizationPlan.Layer other =
        new QuantizationPlan.Layer(
            "nowhere", LayerEncoding.INT8, new Quantizer(1, 0, 255), new float[0]);
    QuantizationPlan plan =
        new QuantizationPlan("", "int8", List.of(), List.of(other), List.of(), null);
    HeluException e =
        assertThrows(
            HeluException.class,
            () -> new QuantizeLayers(plan, false).apply(TinyTask.graph(), new PassLog()));
    assertTrue(e.getMessage().contains("'nowhere'"), e.getMessage());
  }
}
