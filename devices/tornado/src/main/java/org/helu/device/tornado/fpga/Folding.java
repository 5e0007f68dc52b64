package org.helu.device.tornado.fpga;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.tensor.ElementType;

/**
 * Chooses how much of each layer is computed at once. Layers run one behind the other, so the one
 * that saves most clocks for its bit operations is unrolled next, for as long as all products
 * together stay within a number of bit operations a clock.
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

    /**
     * The next larger folding, in the direction that adds fewer products; null where all is
     * computed at once.
     */
    Fold next() {
      Fold now = fold();
      Fold wider = simd + 1 < simds.size() ? new Fold(now.pe(), simds.get(simd + 1)) : null;
      Fold taller = pe + 1 < pes.size() ? new Fold(pes.get(pe + 1), now.simd()) : null;
      if (wider == null || taller == null) {
        return wider == null ? taller : wider;
      }
      return wider.products() <= taller.products() ? wider : taller;
    }

    /** Bit operations that {@link #next} adds. */
    long price() {
      return (long) (next().products() - fold().products()) * matrix.bitOperations();
    }

    /** Clocks that {@link #next} saves for each bit operation. */
    double gain() {
      return (double) (matrix.turns(fold()) - matrix.turns(next())) / price();
    }

    void grow() {
      Fold next = next();
      pe = pes.indexOf(next.pe());
      simd = simds.indexOf(next.simd());
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
        rest -= matrix.bitOperations();
      }
    }
    List<Candidate> open = new ArrayList<>();
    graph.nodes().stream().map(candidates::get).filter(Objects::nonNull).forEach(open::add);
    while (true) {
      open.removeIf(candidate -> candidate.next() == null);
      if (open.isEmpty()) {
        return;
      }
      Candidate best = Collections.max(open, Comparator.comparingDouble(Candidate::gain));
      if (best.price() <= rest) {
        rest -= best.price();
        best.grow();
      } else {
        open.remove(best);
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
