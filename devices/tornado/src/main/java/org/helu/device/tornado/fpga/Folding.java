package org.helu.device.tornado.fpga;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.tensor.ElementType;

/**
 * Chooses how much of each layer is computed at once. Layers run one behind the other, so the one
 * that takes most clocks is unrolled next, for as long as all products together stay within a
 * number of bit operations a clock.
 */
final class Folding {
  private final Map<Node, Candidate> candidates = new IdentityHashMap<>();

  /** A layer, and how far it is unrolled. */
  private static final class Candidate {
    final Matrix matrix;
    final List<Integer> pes;
    final List<Integer> simds;
    int pe;
    int simd;

    Candidate(Matrix matrix, boolean packed) {
      this.matrix = matrix;
      this.pes = matrix.pes(packed);
      this.simds = matrix.simds();
    }

    Fold fold() {
      return new Fold(pes.get(pe), simds.get(simd));
    }

    long turns() {
      return matrix.turns(fold());
    }

    /** The next larger folding, in the direction that adds fewer products. */
    Fold next() {
      Fold now = fold();
      Fold wider = simd + 1 < simds.size() ? new Fold(now.pe(), simds.get(simd + 1)) : null;
      Fold taller = pe + 1 < pes.size() ? new Fold(pes.get(pe + 1), now.simd()) : null;
      if (wider == null || taller == null) {
        return wider == null ? taller : wider;
      }
      return wider.products() <= taller.products() ? wider : taller;
    }

    void take(Fold fold) {
      pe = pes.indexOf(fold.pe());
      simd = simds.indexOf(fold.simd());
    }

    long bitOperations(Fold fold) {
      return (long) fold.products() * matrix.bitOperations();
    }
  }

  /**
   * Chooses.
   *
   * @param bitOperations a clock that all layers together may have
   */
  Folding(Graph graph, int bitOperations) {
    long rest = bitOperations;
    for (Node node : graph.nodes()) {
      Matrix matrix = Matrix.of(graph, node);
      if (matrix != null) {
        boolean packed = graph.type(node.output()).elementType() == ElementType.BIT;
        Candidate candidate = new Candidate(matrix, packed);
        candidates.put(node, candidate);
        rest -= candidate.bitOperations(candidate.fold());
      }
    }
    List<Candidate> open = new ArrayList<>();
    graph.nodes().stream().map(candidates::get).filter(c -> c != null).forEach(open::add);
    while (!open.isEmpty()) {
      Candidate slowest = open.stream().max(Comparator.comparingLong(Candidate::turns)).get();
      Fold next = slowest.next();
      long more =
          next == null
              ? Long.MAX_VALUE
              : slowest.bitOperations(next) - slowest.bitOperations(slowest.fold());
      if (more > rest) {
        open.remove(slowest);
      } else {
        slowest.take(next);
        rest -= more;
      }
    }
  }

  /** The layer of a node, or null of a node that has no weights. */
  Matrix matrix(Node node) {
    Candidate candidate = candidates.get(node);
    return candidate == null ? null : candidate.matrix;
  }

  Fold fold(Node node) {
    Candidate candidate = candidates.get(node);
    return candidate == null ? Fold.NONE : candidate.fold();
  }
}
