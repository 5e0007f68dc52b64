package org.helu.runtime.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Test;

class AbstractSessionTest {
  private static Session sum(int[] left, int[] right) {
    GraphBuilder builder = new GraphBuilder("sum");
    builder.input(new GraphInput("a", TensorType.float32(left)));
    builder.input(new GraphInput("b", TensorType.float32(right)));
    builder.add(new DeviceOp.Binary(BinaryKind.ADD), "y", "a", "b");
    BinarizedGraph graph = new BinarizedGraph(builder.output("y").build(), Provenance.NONE);
    return Devices.open("reference").compile(graph, new CompileOptions(2)).newSession();
  }

  private static Tensor floats(Shape shape, float... values) {
    return Tensor.ofFloats(shape, values);
  }

  @Test
  void runsLongInputsInParts() {
    Session session = sum(new int[] {-1, 1}, new int[] {-1, 1});
    Tensor a = floats(Shape.of(5, 1), 1, 2, 3, 4, 5);
    Tensor b = floats(Shape.of(5, 1), 10, 20, 30, 40, 50);
    assertArrayEquals(
        new float[] {11, 22, 33, 44, 55}, session.run(List.of(a, b)).getFirst().toFloats());
    Tensor none = floats(Shape.of(0, 1));
    assertEquals(Shape.of(0, 1), session.run(List.of(none, none)).getFirst().shape());
  }

  @Test
  void everyPartReadsAnInputWithoutBatchWhole() {
    Session session = sum(new int[] {1, 2}, new int[] {-1, 2});
    Tensor a = floats(Shape.of(1, 2), 100, 200);
    Tensor b = floats(Shape.of(3, 2), 1, 2, 3, 4, 5, 6);
    assertArrayEquals(
        new float[] {101, 202, 103, 204, 105, 206},
        session.run(List.of(a, b)).getFirst().toFloats());
    Tensor two = floats(Shape.of(2, 2), 1, 2, 3, 4);
    assertThrows(HeluException.class, () -> session.run(List.of(two, b)));
  }

  @Test
  void aStaticGraphRunsCopiesOfItsShape() {
    Session session = sum(new int[] {2}, new int[] {2});
    Tensor a = floats(Shape.of(4), 1, 2, 3, 4);
    assertArrayEquals(new float[] {2, 4, 6, 8}, session.run(List.of(a, a)).getFirst().toFloats());
    Tensor odd = floats(Shape.of(3), 1, 2, 3);
    assertThrows(HeluException.class, () -> session.run(List.of(odd, odd)));
  }

  @Test
  void inputsMustAgreeInTheirNumberOfSamples() {
    Session session = sum(new int[] {-1, 1}, new int[] {-1, 1});
    HeluException e =
        assertThrows(
            HeluException.class,
            () -> session.run(List.of(floats(Shape.of(2, 1), 1, 2), floats(Shape.of(1, 1), 1))));
    assertTrue(e.getMessage().contains("'a' and 'b' hold 2 and 1 samples"), e.getMessage());
  }
}
