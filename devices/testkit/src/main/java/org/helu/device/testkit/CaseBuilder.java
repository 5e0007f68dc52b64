package org.helu.device.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.helu.device.testkit.OpCase.Trial;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Collects the operands of one op, then makes its graph and trials. */
final class CaseBuilder {
  private final String name;
  private final GraphBuilder graph;
  private final SplittableRandom random;
  private final List<String> operands = new ArrayList<>();
  private final List<Trial> trials = new ArrayList<>();

  CaseBuilder(String name) {
    this.name = name;
    this.graph = new GraphBuilder(name);
    this.random = new SplittableRandom(name.hashCode());
  }

  /** An operand that the session is given. */
  CaseBuilder input(TensorType type) {
    String value = "x" + operands.size();
    graph.input(new GraphInput(value, type));
    operands.add(value);
    return this;
  }

  /** A float32 operand that the session is given. */
  CaseBuilder input(int... dims) {
    return input(TensorType.float32(dims));
  }

  /** A known operand. */
  CaseBuilder constant(Tensor tensor) {
    String value = "c" + operands.size();
    graph.constant(value, tensor);
    operands.add(value);
    return this;
  }

  /** Weights, uniform in [-1, 1). */
  CaseBuilder weight(int... dims) {
    return constant(Fill.UNIFORM.tensor(TensorType.float32(dims), random));
  }

  /** Codes or weights of an integer layer, uniform over all that the type holds. */
  CaseBuilder codes(TensorType type) {
    return constant(Fill.UNIFORM.tensor(type, random));
  }

  /** The parameters of an integer layer's epilogue, see {@link EpilogueParameters}. */
  CaseBuilder parameters(Epilogue epilogue, int channels, long bound, boolean residual) {
    Tensor parameters = EpilogueParameters.of(epilogue, channels, bound, residual, random);
    return parameters == null ? this : constant(parameters);
  }

  /** Weights of one value. */
  CaseBuilder filled(float value, int... dims) {
    float[] values = new float[Math.toIntExact(Shape.of(dims).elements())];
    java.util.Arrays.fill(values, value);
    return constant(Tensor.ofFloats(Shape.of(dims), values));
  }

  /** Adds a run, see {@link Trial}. */
  CaseBuilder trial(Fill fill, int batch, int maxBatch) {
    trials.add(new Trial(fill, batch, maxBatch));
    return this;
  }

  /** Adds one-sample runs of the given fills, and a uniform one of three samples. */
  CaseBuilder trials(Fill... fills) {
    trial(Fill.UNIFORM, 3, 4);
    for (Fill fill : fills) {
      trial(fill, 1, 4);
    }
    return this;
  }

  /** The case: {@code op} over the operands added so far. */
  OpCase of(DeviceOp op) {
    graph.add(new Node("op", op, operands, "y"));
    graph.output("y");
    if (trials.isEmpty()) {
      trials(Fill.UNIFORM);
    }
    return new OpCase(name, new BinarizedGraph(graph.build(), Provenance.NONE), trials);
  }
}
