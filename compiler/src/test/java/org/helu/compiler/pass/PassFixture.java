package org.helu.compiler.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.GraphPrinter;
import org.helu.runtime.graph.Range;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/**
 * Applies a pass, compares the text before and after with a golden file, and the interpreter's
 * answers before and after with each other. {@code -Dhelu.updateGolden=true} rewrites the files.
 */
final class PassFixture {
  static final long SEED = 42;

  private PassFixture() {}

  static Graph check(Pass pass, String name, Graph before) {
    PassLog log = new PassLog();
    log.enter(pass.name());
    Graph after = pass.apply(before, log);
    StringBuilder text = new StringBuilder("before\n").append(GraphPrinter.print(before));
    text.append("after ").append(pass.name()).append('\n').append(GraphPrinter.print(after));
    log.notes()
        .forEach(
            n -> text.append("note ").append(n.node()).append(": ").append(n.text()).append('\n'));
    try {
      GoldenFiles.compare(pass.name() + "-" + name + ".txt", text.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    compareAnswers(before, after);
    return after;
  }

  static void compareAnswers(Graph before, Graph after) {
    SplittableRandom random = new SplittableRandom(SEED);
    List<Tensor> inputs = new ArrayList<>();
    for (GraphInput input : before.inputs()) {
      Range range = input.range().isBounded() ? input.range() : new Range(-2, 2);
      Tensor tensor = Tensor.zeros(input.type().withBatch(3));
      for (long i = 0; i < tensor.elements(); i++) {
        tensor.setFloat(
            i, (float) (range.min() + random.nextDouble() * (range.max() - range.min())));
      }
      inputs.add(tensor);
    }
    List<Tensor> expected = new Interpreter(before).run(inputs);
    List<Tensor> actual = new Interpreter(after).run(inputs);
    for (int o = 0; o < expected.size(); o++) {
      assertEquals(expected.get(o).shape(), actual.get(o).shape());
      for (long i = 0; i < expected.get(o).elements(); i++) {
        double e = expected.get(o).getDouble(i);
        double a = actual.get(o).getDouble(i);
        assertTrue(
            Math.abs(e - a) <= 1e-5 * Math.max(1, Math.abs(e)),
            "seed " + SEED + ", output " + o + " at " + i + ": " + e + " became " + a);
      }
    }
  }

  /** Seeded values in -1..1. */
  static Tensor random(long seed, int... dims) {
    SplittableRandom random = new SplittableRandom(seed);
    Tensor tensor = Tensor.ofFloats(Shape.of(dims), new float[(int) Shape.of(dims).elements()]);
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.setFloat(i, (float) (2 * random.nextDouble() - 1));
    }
    return tensor;
  }

  /** Seeded values in 0.5..1.5, for variances. */
  static Tensor positive(long seed, int... dims) {
    Tensor tensor = random(seed, dims);
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.setFloat(i, 1 + tensor.getFloat(i) / 2);
    }
    return tensor;
  }
}
