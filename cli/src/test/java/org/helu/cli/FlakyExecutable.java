package org.helu.cli;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.LayerObserver;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** A device whose sessions give another answer at their second call, but for the first sessions. */
record FlakyExecutable(BinarizedGraph graph, AtomicInteger sessions) implements Executable {
  /** The session that gives the expected answer, and the one that repeats it on one thread. */
  private static final int GOOD_SESSIONS = 2;

  static Repetition repeat(int calls, AtomicInteger sessions) {
    GraphBuilder builder = new GraphBuilder("flaky");
    builder.input(new GraphInput("x", TensorType.float32(Shape.BATCH, 2)));
    builder.add(new DeviceOp.Unary(UnaryKind.ABS), "y", "x");
    BinarizedGraph graph = new BinarizedGraph(builder.output("y").build(), Provenance.NONE);
    List<Tensor> inputs = List.of(Tensor.ofFloats(Shape.of(1, 2), 1, 2));
    return Repetition.run(graph.graph(), new FlakyExecutable(graph, sessions), inputs, 16, calls);
  }

  @Override
  public long sessionBytes() {
    return 0;
  }

  @Override
  public long weightBytes() {
    return 0;
  }

  @Override
  public void close() {}

  @Override
  public Session newSession() {
    boolean flaky = sessions.getAndIncrement() >= GOOD_SESSIONS;
    return new Session() {
      private int calls;

      @Override
      public List<Tensor> run(List<Tensor> inputs) {
        boolean wrong = flaky && ++calls == 2;
        return List.of(Tensor.ofFloats(Shape.of(1, 2), 1, wrong ? 2.5f : 2));
      }

      @Override
      public Tensor run(Tensor input) {
        return run(List.of(input)).getFirst();
      }

      @Override
      public void run(Tensor input, Tensor output) {
        output.data().copyFrom(run(input).data());
      }

      @Override
      public List<Tensor> run(List<Tensor> inputs, LayerObserver observer) {
        return run(inputs);
      }

      @Override
      public void close() {}
    };
  }
}
