package org.helu.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Test;

class LayerWorkTest {
  private static LayerWork dense(TensorType input, ElementType weight) {
    GraphBuilder builder = new GraphBuilder("dense");
    builder.input(new GraphInput("x", input));
    builder.constant("w", Tensor.zeros(new TensorType(weight, Shape.of(10, 128))));
    builder.add(
        new Node(
            "fc",
            new IntegerOp.IntegerDense(Codes.UNSIGNED, false, List.of()),
            List.of("x", "w"),
            "y"));
    return LayerWork.of(builder.output("y").build()).getFirst();
  }

  @Test
  void oneBitWeightsCountEachPlane() {
    LayerWork work = dense(TensorType.bits(Shape.of(Shape.BATCH, 128), 2), ElementType.BIT);
    assertEquals("bit", work.kind());
    assertEquals(1280, work.macs());
    assertEquals(2 * 1280, work.bitOps());
    assertEquals(2 * 2 * 1280, work.operations());
    // Weights: ten rows of 128 bits. Activations: two planes of 128 bits in, ten INT32 out.
    assertEquals(160 + 3 * (32 + 40), work.bytes(3));
  }

  @Test
  void bytesAsWeightsAreInt8() {
    TensorType bytes = new TensorType(ElementType.UINT8, Shape.of(Shape.BATCH, 128));
    LayerWork work = dense(bytes, ElementType.INT8);
    assertEquals("int8", work.kind());
    assertEquals(64 * 1280, work.bitOps());
    assertEquals(2 * 1280, work.operations());
  }

  @Test
  void nodesOfOneStepAreCountedTogether() {
    LayerWork small = new LayerWork("a", "Gate", 0, 32, 32, 0, 5);
    LayerWork large = new LayerWork("b", "Dense", 100, 1, 1, 7, 6);
    assertEquals(
        new LayerWork("a + b", "Dense", 100, 1, 1, 7, 11), LayerWork.joined(List.of(small, large)));
  }
}
