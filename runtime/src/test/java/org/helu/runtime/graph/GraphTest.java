package org.helu.runtime.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.helu.runtime.HeluException;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.tensor.Encoding;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Test;

class GraphTest {
  private static final Op ABS = new DeviceOp.Unary(UnaryKind.ABS);
  private static final Op ADD = new DeviceOp.Binary(BinaryKind.ADD);

  private static GraphBuilder graph(int... dims) {
    return new GraphBuilder("g").input(new GraphInput("x", TensorType.float32(dims)));
  }

  private static String messageOf(GraphBuilder builder) {
    return assertThrows(HeluException.class, builder::build).getMessage();
  }

  @Test
  void sortsNodesAndInfersTypes() {
    GraphBuilder builder = graph(-1, 3);
    builder.add(ADD, "y", "a", "b");
    builder.add(ABS, "b", "a");
    builder.add(ABS, "a", "x");
    Graph graph = builder.output("y").build();
    assertEquals(List.of("a", "b", "y"), graph.nodes().stream().map(Node::output).toList());
    assertEquals(TensorType.float32(-1, 3), graph.type("y"));
    assertEquals(2, graph.consumers("a").size());
    assertFalse(graph.hasSingleUse("a"));
    assertTrue(graph.hasSingleUse("b"));
  }

  @Test
  void namesTheNodeInEveryError() {
    GraphBuilder cycle = graph(-1, 3);
    cycle.add(ADD, "a", "x", "b");
    cycle.add(ABS, "b", "a");
    assertTrue(
        messageOf(cycle.output("b")).contains("node 'a' (Binary): is part of, or behind, a cycle"));

    GraphBuilder missing = graph(-1, 3);
    missing.add(ADD, "y", "x", "w");
    assertTrue(messageOf(missing.output("y")).contains("input 'w' is not written"));

    GraphBuilder shapes = graph(-1, 3).constant("w", Tensor.ofFloats(Shape.of(2), 1, 2));
    shapes.add(ADD, "y", "x", "w");
    String message = messageOf(shapes.output("y"));
    assertTrue(
        message.contains("node 'y' (Binary): shapes [Nx3] and [2] do not broadcast"), message);

    GraphBuilder twice = graph(-1, 3).constant("w", Tensor.scalar(1));
    twice.add(ABS, "y", "x");
    twice.add(new Node("other", ADD, List.of("x", "w"), "y"));
    assertTrue(messageOf(twice.output("y")).contains("written twice"));
    assertTrue(messageOf(graph(-1, 3).output("nothing")).contains("'nothing' is never written"));
    assertTrue(messageOf(graph(-1, 3)).contains("has no output"));
  }

  @Test
  void rejectsSelfCyclesAndKeepsMessagesOnOneLine() {
    GraphBuilder builder = graph(-1, 3);
    builder.add(ABS, "bad\nname", "bad\nname");
    String message = messageOf(builder.output("bad\nname"));
    assertEquals(1, message.lines().count(), message);
  }

  @Test
  void keepsTheBatchFirst() {
    GraphBuilder builder = graph(-1, 3);
    builder.add(new DeviceOp.Transpose(List.of(1, 0)), "y", "x");
    assertTrue(messageOf(builder.output("y")).contains("batch dimension must stay first"));
  }

  @Test
  void keepsAMaskThroughReshapesOfWholeWordsOnly() {
    GraphBuilder builder = graph(-1, 2, 2, 64);
    builder.add(new DeviceOp.Gate(), "g", "x");
    builder.add(new DeviceOp.Reshape(Shape.of(-1, 256)), "flat", "g");
    builder.add(new DeviceOp.Reshape(Shape.of(-1, 8, 32)), "split", "g");
    Graph graph = builder.output("flat").output("split").build();
    assertEquals(Encoding.GATED, graph.type("flat").encoding());
    assertEquals(Encoding.PLAIN, graph.type("split").encoding());
  }

  @Test
  void binarizedGraphListsEveryNodeThatWasNotLowered() {
    GraphBuilder builder = graph(-1, 3);
    builder.add(new FloatOp.Helu(0), "a", "x");
    builder.add(new FloatOp.Helu(0), "b", "a");
    Graph graph = builder.output("b").build();
    HeluException e =
        assertThrows(HeluException.class, () -> new BinarizedGraph(graph, Provenance.NONE));
    assertTrue(e.getMessage().contains("node 'a' (Helu), node 'b' (Helu)"), e.getMessage());
  }

  @Test
  void printsStableText() {
    GraphBuilder builder = graph(-1, 3).constant("w", Tensor.ofFloats(Shape.of(1, 3), 1, 2, 3));
    builder.add(new DeviceOp.Dense(false, false, List.of()), "y", "x", "w");
    assertEquals(
        """
        graph g
          input x: float32[Nx3]
          const w: float32[1x3]
          y: float32[Nx1] = Dense(x, w)
          return y
        """,
        builder.output("y").build().toString());
  }

  @Test
  void freshNamesNeverClash() {
    GraphBuilder builder = graph(-1, 3);
    assertEquals("a", builder.fresh("a"));
    assertEquals("a.2", builder.fresh("a"));
    assertEquals("x.2", builder.fresh("x"));
    assertThrows(
        HeluException.class, () -> new Graph("g", List.of(), List.of("y"), List.of(), Map.of()));
  }
}
