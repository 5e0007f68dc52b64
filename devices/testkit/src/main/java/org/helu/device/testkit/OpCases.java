package org.helu.device.testkit;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;

/** The table of op cases: every device op, every attribute that matters, awkward sizes. */
public final class OpCases {
  private OpCases() {}

  /** All cases. */
  public static List<OpCase> all() {
    return some(1, 1);
  }

  /**
   * All cases of Dense, Conv2d and BatchMatMul; of the other float ops one case of each op with its
   * attributes and its operands' types.
   *
   * @param sizeStride every n-th of those that differ from one of these in their sizes only
   * @param integerStride every n-th of the many of integer ops
   */
  static List<OpCase> some(int sizeStride, int integerStride) {
    List<OpCase> cases = new ArrayList<>(MatrixCases.all());
    List<OpCase> floats = new ArrayList<>(ElementwiseCases.all());
    floats.addAll(WindowCases.all());
    floats.addAll(ShapeCases.all());
    Set<List<Object>> seen = new HashSet<>();
    int sizes = 0;
    for (OpCase opCase : floats) {
      if (seen.add(kind(opCase)) || sizes++ % sizeStride == 0) {
        cases.add(opCase);
      }
    }
    List<OpCase> integers = new ArrayList<>(IntegerCases.all());
    integers.addAll(CodeCases.all());
    for (int i = 0; i < integers.size(); i += integerStride) {
      cases.add(integers.get(i));
    }
    return cases;
  }

  private static List<Object> kind(OpCase opCase) {
    Graph graph = opCase.graph().graph();
    Node node = graph.nodes().getFirst();
    List<Object> kind = new ArrayList<>(List.of(node.op()));
    node.inputs().forEach(input -> kind.add(graph.type(input).elementType()));
    return kind;
  }
}
