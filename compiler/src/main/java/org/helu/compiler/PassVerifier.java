package org.helu.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.helu.compiler.analysis.DoubleInterpreter;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.graph.Range;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Compares the interpreter's answers before and after a pass on seeded random inputs from the
 * declared range.
 */
final class PassVerifier {
  private static final long SEED = 20241110573L;
  private static final int SAMPLES = 3;

  /**
   * Passes reorder float32 sums and round folded weights once: relative to the largest output,
   * errors stay near K * 2^-24 of a layer, well under this; a wrong rewrite is far above it.
   */
  private static final double TOLERANCE = 1e-4;

  private final List<Tensor> inputs = new ArrayList<>();

  /**
   * Networks with steps are run in double: a sum that lies on a step falls on either side in
   * float32, depending on the order of its products, and integers are exact against double.
   */
  private final boolean steps;

  private List<Tensor> expected;
  private String previous = "import";

  PassVerifier(Graph imported) {
    SplittableRandom random = new SplittableRandom(SEED);
    for (GraphInput input : imported.inputs()) {
      inputs.add(random(input, random));
    }
    steps = imported.nodes().stream().anyMatch(PassVerifier::isStep);
    expected = run(imported);
  }

  private static boolean isStep(Node node) {
    return switch (node.op()) {
      case FloatOp.Quantize _, FloatOp.MultiThreshold _, IntegerOp _ -> true;
      case DeviceOp.Unary unary -> unary.kind() == UnaryKind.SIGN;
      case DeviceOp.Binary binary -> binary.kind().isPredicate();
      default -> false;
    };
  }

  private List<Tensor> run(Graph graph) {
    return steps ? new DoubleInterpreter(graph).run(inputs) : new Interpreter(graph).run(inputs);
  }

  private static Tensor random(GraphInput input, SplittableRandom random) {
    TensorType type = input.type().withBatch(SAMPLES);
    Range range = input.range().isBounded() ? input.range() : new Range(-2, 2);
    Tensor tensor = Tensor.zeros(type);
    for (long i = 0; i < tensor.elements(); i++) {
      if (type.elementType().isFloat()) {
        double unit = random.nextDouble();
        tensor.setFloat(i, (float) (range.min() + unit * (range.max() - range.min())));
      } else {
        tensor.setLong(i, random.nextInt(2));
      }
    }
    return tensor;
  }

  /**
   * Runs {@code graph}, the result of {@code pass}.
   *
   * @throws HeluException naming the pass, output and element if an answer changed
   */
  void check(String pass, Graph graph) {
    List<Tensor> actual = run(graph);
    for (int i = 0; i < expected.size(); i++) {
      compare(pass, graph.outputs().get(i), expected.get(i), actual.get(i));
    }
    // The next pass is measured against this one, so that allowed errors do not add up.
    expected = actual;
    previous = pass;
  }

  private void compare(String pass, String output, Tensor before, Tensor after) {
    double largest = 1;
    for (long i = 0; i < before.elements(); i++) {
      double magnitude = Math.abs(before.getDouble(i));
      largest = magnitude < Double.POSITIVE_INFINITY ? Math.max(largest, magnitude) : largest;
    }
    for (long i = 0; i < before.elements(); i++) {
      double left = before.getDouble(i);
      double right = after.getDouble(i);
      boolean same =
          Double.compare(left, right) == 0 || Math.abs(left - right) <= TOLERANCE * largest;
      if (!same) {
        throw HeluException.of(
            HeluException.Kind.UNSUPPORTED,
            "compile/" + pass,
            "changed output '"
                + output
                + "' at ["
                + i
                + "] from "
                + left
                + " (after "
                + previous
                + ") to "
                + right
                + ", seed "
                + SEED,
            "this is a bug in helu; report it with the model");
      }
    }
  }
}
