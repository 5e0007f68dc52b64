package org.helu.runtime.device;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.tensor.Encoding;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * What every session does alike: checks inputs, runs long ones in parts, owns the outputs. Devices
 * implement {@link #execute}.
 */
public abstract class AbstractSession implements Session {
  private final Graph graph;
  private final int maxBatch;
  private final boolean symbolic;
  private final List<MemorySegment> inputSegments;
  private final List<MemorySegment> outputSegments;
  private List<Tensor> ownOutputs = List.of();
  private int ownOutputUnits = -1;
  private TensorType givenOutputType;
  private int givenOutputUnits = -1;
  private boolean closed;

  /**
   * @param graph what is run
   * @param maxBatch samples that one {@link #execute} can take
   */
  protected AbstractSession(Graph graph, int maxBatch) {
    this.graph = graph;
    this.maxBatch = maxBatch;
    this.symbolic = graph.inputs().stream().anyMatch(input -> input.type().shape().isBatched());
    this.inputSegments = Arrays.asList(new MemorySegment[graph.inputs().size()]);
    this.outputSegments = Arrays.asList(new MemorySegment[graph.outputs().size()]);
  }

  /**
   * Computes one part.
   *
   * @param batch samples in this part, 1..maxBatch; 1 where the graph has no symbolic batch
   * @param inputs data of this part, exactly as many bytes as its type takes for {@code batch}
   * @param outputs where to write, likewise
   * @param observer sees every node's value, or null
   */
  protected abstract void execute(
      int batch, List<MemorySegment> inputs, List<MemorySegment> outputs, LayerObserver observer);

  @Override
  public final Tensor run(Tensor input) {
    requireSingle();
    int units = units(0, input);
    prepareOutputs(units);
    runParts(units, input, null, ownOutputs.get(0), null, null);
    return ownOutputs.get(0);
  }

  @Override
  public final void run(Tensor input, Tensor output) {
    requireSingle();
    int units = units(0, input);
    if (units != givenOutputUnits) {
      givenOutputType = outputType(0, units);
      givenOutputUnits = units;
    }
    if (!givenOutputType.equals(output.type())) {
      throw HeluException.invalid(
          "run", "output: expected " + givenOutputType + ", found " + output.type(), "");
    }
    runParts(units, input, null, output, null, null);
  }

  @Override
  public final List<Tensor> run(List<Tensor> inputs) {
    return run(inputs, null);
  }

  @Override
  public final List<Tensor> run(List<Tensor> inputs, LayerObserver observer) {
    if (inputs.size() != graph.inputs().size()) {
      throw HeluException.invalid(
          "run", "expected " + graph.inputs().size() + " inputs, found " + inputs.size(), "");
    }
    int units = commonUnits(inputs);
    prepareOutputs(units);
    runParts(units, null, inputs, null, ownOutputs, observer);
    return ownOutputs;
  }

  private int commonUnits(List<Tensor> inputs) {
    int units = -1;
    String first = "";
    for (int i = 0; i < inputs.size(); i++) {
      int other = units(i, inputs.get(i));
      if (isShared(i)) {
        continue;
      }
      String name = graph.inputs().get(i).name();
      if (units >= 0 && other != units) {
        throw HeluException.invalid(
            "run",
            "inputs '"
                + first
                + "' and '"
                + name
                + "' hold "
                + units
                + " and "
                + other
                + " samples",
            "give all inputs the same number of samples");
      }
      units = other;
      first = name;
    }
    return units < 0 ? 1 : units;
  }

  /** Whether an input without a batch stands beside one with it: every part reads it whole. */
  private boolean isShared(int index) {
    return symbolic && !graph.inputs().get(index).type().shape().isBatched();
  }

  /** Releases the session's buffers; called once. */
  protected void release() {}

  @Override
  public final void close() {
    if (!closed) {
      closed = true;
      release();
    }
  }

  private void runParts(
      int units,
      Tensor input,
      List<Tensor> inputs,
      Tensor output,
      List<Tensor> outputs,
      LayerObserver observer) {
    if (closed) {
      throw new IllegalStateException("the session is closed");
    }
    int step = symbolic ? maxBatch : 1;
    for (int first = 0; first < units; first += step) {
      int count = Math.min(step, units - first);
      boolean whole = count == units;
      for (int i = 0; i < inputSegments.size(); i++) {
        Tensor tensor = input != null ? input : inputs.get(i);
        boolean shared = whole || isShared(i);
        inputSegments.set(i, shared ? tensor.data() : part(tensor, first, count, units));
      }
      for (int i = 0; i < outputSegments.size(); i++) {
        Tensor tensor = output != null ? output : outputs.get(i);
        boolean shared = symbolic && !graph.type(graph.outputs().get(i)).shape().isBatched();
        outputSegments.set(i, whole || shared ? tensor.data() : part(tensor, first, count, units));
      }
      execute(symbolic ? count : 1, inputSegments, outputSegments, observer);
    }
  }

  private static MemorySegment part(Tensor tensor, int first, int count, int units) {
    long bytes = tensor.data().byteSize() / units;
    return tensor.data().asSlice(first * bytes, count * bytes);
  }

  /** How many samples (or, of a graph without symbolic batch, copies of its shape) were given. */
  private int units(int index, Tensor tensor) {
    GraphInput declared = graph.inputs().get(index);
    Shape expected = declared.type().shape();
    Shape found = tensor.shape();
    boolean fits =
        tensor.type().elementType() == declared.type().elementType()
            && tensor.type().encoding().equals(declared.type().encoding())
            && expected.rank() == found.rank();
    for (int axis = 1; fits && axis < expected.rank(); axis++) {
      fits = expected.dim(axis) == found.dim(axis);
    }
    int units = 1;
    if (fits && expected.rank() > 0) {
      int own = expected.isBatched() ? 1 : expected.dim(0);
      fits = own == 0 ? found.dim(0) == 0 : found.dim(0) % own == 0;
      units = fits && own > 0 ? found.dim(0) / own : 1;
      // Copies of a static shape are run one after the other; their outputs must stack.
      fits &= expected.isBatched() || units == 1 || (!symbolic && outputsStack());
    }
    if (!fits) {
      throw HeluException.invalid(
          "run",
          "input '"
              + declared.name()
              + "': expected "
              + declared.type()
              + ", found "
              + tensor.type(),
          "N is any number of samples");
    }
    return units;
  }

  private boolean outputsStack() {
    for (String output : graph.outputs()) {
      if (graph.type(output).shape().rank() == 0) {
        return false;
      }
    }
    return true;
  }

  private void requireSingle() {
    if (graph.inputs().size() != 1 || graph.outputs().size() != 1) {
      throw HeluException.invalid(
          "run",
          "'"
              + graph.name()
              + "' has "
              + graph.inputs().size()
              + " inputs and "
              + graph.outputs().size()
              + " outputs",
          "use run(List)");
    }
  }

  private TensorType outputType(int index, int units) {
    TensorType type = graph.type(graph.outputs().get(index));
    Shape shape = type.shape();
    if (shape.isBatched()) {
      shape = shape.withBatch(units);
    } else if (!symbolic && units != 1) {
      shape = shape.withDim(0, Math.multiplyExact(shape.dim(0), units));
    }
    // A session hands out plain floats: the mask of a gated output stays inside.
    boolean gated = type.encoding() instanceof Encoding.Gated;
    return new TensorType(type.elementType(), shape, gated ? Encoding.PLAIN : type.encoding());
  }

  private void prepareOutputs(int units) {
    if (units == ownOutputUnits) {
      return;
    }
    List<Tensor> outputs = new ArrayList<>(graph.outputs().size());
    for (int i = 0; i < graph.outputs().size(); i++) {
      outputs.add(Tensor.zeros(outputType(i, units)));
    }
    ownOutputs = List.copyOf(outputs);
    ownOutputUnits = units;
  }
}
