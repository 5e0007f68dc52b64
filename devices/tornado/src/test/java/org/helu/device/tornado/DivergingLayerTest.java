package org.helu.device.tornado;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.helu.device.testkit.Fill;
import org.helu.device.testkit.IntegerNetworks;
import org.helu.device.testkit.LayerCheck;
import org.helu.device.testkit.Networks;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.Devices;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.Node;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Values observed inside of an offloaded graph tell which layer is wrong: the device is given a
 * network of which one layer's parameters are not those of the network that it is checked against.
 */
class DivergingLayerTest {
  @BeforeEach
  void requireDevice() {
    OpenClDevice.require();
  }

  @Test
  void aWrongBiasOfADenseLayerIsFoundThere() {
    BinarizedGraph graph = Networks.mlp(33, 65, 40, 10);
    requireFound(graph, 1, 2, bias -> bias.setFloat(7, bias.getFloat(7) + 100));
  }

  @Test
  void aWrongBiasOfAConvolutionIsFoundThere() {
    BinarizedGraph graph = Networks.grayCnn();
    requireFound(graph, 2, 2, bias -> bias.setFloat(3, bias.getFloat(3) + 100));
  }

  @Test
  void wrongThresholdsOfABinaryLayerAreFoundThere() {
    BinarizedGraph graph = IntegerNetworks.binaryMlp(100, 65, 64, 10);
    requireFound(graph, 2, 2, DivergingLayerTest::reverse);
  }

  /** Makes the comparison of every channel, [direction, threshold], the other way round. */
  private static void reverse(Tensor thresholds) {
    for (long i = 0; i < thresholds.elements(); i += 2) {
      thresholds.setLong(i, -thresholds.getLong(i));
    }
  }

  private static void requireFound(
      BinarizedGraph graph, int layer, int input, Consumer<Tensor> change) {
    Node node = graph.graph().nodes().get(layer);
    Tensor changed = graph.graph().constant(node.input(input)).copy();
    change.accept(changed);
    GraphBuilder builder = graph.graph().toBuilder();
    List<String> inputs = new ArrayList<>(node.inputs());
    inputs.set(input, builder.freshConstant("changed", changed));
    builder.replace(node, new Node(node.name(), node.op(), inputs, node.output(), node.origins()));
    BinarizedGraph wrong = new BinarizedGraph(builder.build(), graph.provenance());
    int batch = 3;
    Tensor x =
        Fill.UNIFORM.tensor(
            graph.graph().inputs().getFirst().type().withBatch(batch), new SplittableRandom(5));
    try (Device device = Devices.open("opencl");
        Executable executable = device.compile(wrong);
        Session session = executable.newSession()) {
      LayerCheck.run("changed", wrong, session, List.of(x), batch);
      AssertionError found =
          assertThrows(
              AssertionError.class,
              () -> LayerCheck.run("original", graph, session, List.of(x), batch));
      assertTrue(found.getMessage().startsWith("original: " + node.label()), found.getMessage());
    }
  }
}
