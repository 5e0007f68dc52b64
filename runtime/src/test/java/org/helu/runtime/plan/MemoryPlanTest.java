package org.helu.runtime.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryPlanTest {
  @Test
  void aChainTakesTwoBuffers() {
    GraphBuilder builder =
        new GraphBuilder("g").input(new GraphInput("v0", TensorType.float32(-1, 100)));
    for (int i = 1; i <= 6; i++) {
      builder.add(new DeviceOp.Unary(UnaryKind.ABS), "v" + i, "v" + (i - 1));
    }
    MemoryPlan plan = plan(builder.output("v6").build(), 4);
    assertEquals(2 * TensorType.align(4 * 100 * 4), plan.peakBytes());
    assertEquals(6 * TensorType.align(4 * 100 * 4), plan.totalBytes());
    assertFalse(plan.isInArena("v0"));
  }

  @Test
  void aReshapeIsItsInputsMemory() {
    GraphBuilder builder =
        new GraphBuilder("g").input(new GraphInput("x", TensorType.float32(-1, 6)));
    builder.add(new DeviceOp.Unary(UnaryKind.ABS), "a", "x");
    builder.add(new DeviceOp.Reshape(Shape.of(-1, 2, 3)), "b", "a");
    builder.add(new DeviceOp.Reshape(Shape.of(-1, 3, 2)), "c", "b");
    builder.add(new DeviceOp.Unary(UnaryKind.NEG), "y", "c");
    MemoryPlan plan = plan(builder.output("y").build(), 1);
    assertTrue(plan.isAlias("c"));
    assertEquals("a", plan.root("c"));
    assertEquals(plan.offset("a"), plan.offset("c"));
    assertFalse(plan.offset("y") == plan.offset("a"));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void valuesThatLiveTogetherNeverOverlap(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    GraphBuilder builder =
        new GraphBuilder("g").input(new GraphInput("v0", TensorType.float32(-1, 8)));
    for (int i = 1; i <= 40; i++) {
      String left = "v" + random.nextInt(i);
      String right = "v" + random.nextInt(i);
      switch (random.nextInt(3)) {
        case 0 -> builder.add(new DeviceOp.Binary(BinaryKind.ADD), "v" + i, left, right);
        case 1 -> builder.add(new DeviceOp.Gate(), "v" + i, left);
        default -> builder.add(new DeviceOp.Reshape(Shape.of(-1, 8)), "v" + i, left);
      }
    }
    Graph graph = builder.output("v40").output("v20").build();
    int batch = 1 + random.nextInt(5);
    MemoryPlan plan = plan(graph, batch);
    Map<String, int[]> lives = lives(graph, plan);
    List<String> roots = new ArrayList<>(lives.keySet());
    for (String a : roots) {
      long aEnd = plan.offset(a) + plan.type(a).byteSize();
      assertTrue(aEnd <= plan.peakBytes(), "seed " + seed);
      assertEquals(0, plan.offset(a) % TensorType.ALIGNMENT_BYTES, "seed " + seed);
      for (String b : roots) {
        boolean together = lives.get(a)[0] <= lives.get(b)[1] && lives.get(b)[0] <= lives.get(a)[1];
        boolean overlap =
            plan.offset(b) < aEnd && plan.offset(a) < plan.offset(b) + plan.type(b).byteSize();
        assertFalse(!a.equals(b) && together && overlap, "seed " + seed + ": " + a + " and " + b);
      }
    }
  }

  /** First and last step of every arena buffer, found independently of the plan. */
  private static Map<String, int[]> lives(Graph graph, MemoryPlan plan) {
    Map<String, int[]> lives = new HashMap<>();
    for (int step = 0; step < graph.nodes().size(); step++) {
      Node node = graph.nodes().get(step);
      List<String> touched = new ArrayList<>(node.inputs());
      touched.add(node.output());
      for (String value : touched) {
        if (plan.isInArena(value)) {
          int at = step;
          lives.computeIfAbsent(plan.root(value), _ -> new int[] {at, at})[1] = step;
        }
      }
    }
    for (String output : graph.outputs()) {
      if (plan.isInArena(output)) {
        lives.get(plan.root(output))[1] = graph.nodes().size();
      }
    }
    return lives;
  }

  private static MemoryPlan plan(Graph graph, int batch) {
    return MemoryPlan.of(new BinarizedGraph(graph, Provenance.NONE), batch);
  }
}
