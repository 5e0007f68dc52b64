package org.helu.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.LayerObserver;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Inputs of a network, taken a few samples at a time. */
final class Samples {
  private final List<Tensor> inputs;
  private final int count;
  private final int step;

  /**
   * @param inputs one per graph input, each with any number of samples
   * @param step samples to take at a time; what a graph of static shape takes, it takes at once
   */
  Samples(Graph graph, List<Tensor> inputs, int step) {
    if (graph.inputs().isEmpty()) {
      throw HeluException.unsupported(
          "run/input", "'" + graph.name() + "' has no input", "give a network with one");
    }
    this.inputs = inputs;
    for (int i = 0; i < inputs.size(); i++) {
      requireFits(graph.inputs().get(i), inputs.get(i));
    }
    GraphInput first = graph.inputs().getFirst();
    Shape declared = first.type().shape();
    Shape given = inputs.getFirst().shape();
    if (declared.rank() == 0 || given.rank() == 0) {
      this.count = 1;
      this.step = 1;
    } else {
      this.count = given.dim(0);
      this.step = declared.isBatched() ? step : Math.max(1, declared.dim(0));
    }
  }

  /** Sessions check this as well, but see a part at a time: the message is to name the whole. */
  private static void requireFits(GraphInput input, Tensor tensor) {
    Shape expected = input.type().shape();
    Shape found = tensor.shape();
    boolean fits =
        tensor.type().elementType() == input.type().elementType()
            && found.rank() == expected.rank();
    for (int axis = 1; fits && axis < expected.rank(); axis++) {
      fits = found.dim(axis) == expected.dim(axis);
    }
    if (!fits) {
      throw HeluException.invalid(
          "run/input",
          "input '" + input.name() + "': expected " + input.type() + ", found " + tensor.type(),
          "N is any number of samples");
    }
  }

  /** Rows of the first dimension. */
  int count() {
    return count;
  }

  /** How many samples {@link #firstPart} has. */
  int firstPartCount() {
    return Math.min(step, count);
  }

  /** The inputs of the first part. */
  List<Tensor> firstPart() {
    return count <= step ? inputs : inputs.stream().map(input -> rows(input, 0, step)).toList();
  }

  /** What is done with a part. */
  @FunctionalInterface
  interface Part {
    /**
     * @param first index of the part's first sample
     * @param inputs the part's inputs, views of the whole
     */
    void run(int first, List<Tensor> inputs);
  }

  /** Calls {@code part} for all samples in order, showing progress as {@code task}. */
  void forEach(String task, Part part) {
    if (count <= step) {
      part.run(0, inputs);
      return;
    }
    try (Progress progress = task.isEmpty() ? Progress.none() : Progress.of(task, count)) {
      for (int first = 0; first < count; first += step) {
        int size = Math.min(step, count - first);
        List<Tensor> slices = new ArrayList<>(inputs.size());
        for (Tensor input : inputs) {
          slices.add(rows(input, first, size));
        }
        part.run(first, slices);
        progress.reach(first + (long) size);
      }
    }
  }

  /** Runs all samples; gives one whole tensor per output. */
  List<Tensor> run(String task, Session session) {
    return collect(task, part -> session.run(part));
  }

  /** As {@link #run(String, Session)}, without progress: threads do not share a bar. */
  List<Tensor> runQuietly(Session session) {
    return collect("", part -> session.run(part));
  }

  /** Runs all samples on the interpreter. */
  List<Tensor> run(String task, Interpreter interpreter, LayerObserver observer) {
    return collect(task, part -> interpreter.run(part, observer));
  }

  private List<Tensor> collect(String task, Function<List<Tensor>, List<Tensor>> run) {
    List<Tensor> wholes = new ArrayList<>();
    forEach(
        task,
        (first, part) -> {
          List<Tensor> outputs = run.apply(part);
          for (int i = 0; i < outputs.size(); i++) {
            Tensor output = outputs.get(i);
            if (first == 0) {
              wholes.add(Tensor.zeros(wholeType(output, part)));
            }
            long rowBytes = output.data().byteSize() / Math.max(1, partRows(part));
            long offset = wholes.get(i).shape().equals(output.shape()) ? 0 : first * rowBytes;
            wholes.get(i).data().asSlice(offset, output.data().byteSize()).copyFrom(output.data());
          }
        });
    return wholes;
  }

  private TensorType wholeType(Tensor output, List<Tensor> part) {
    Shape shape = output.shape();
    int rows = partRows(part);
    if (rows == count || shape.rank() == 0) {
      return output.type();
    }
    // A batched output has as many rows per sample in every part.
    return output.type().withShape(shape.withDim(0, (int) ((long) shape.dim(0) * count / rows)));
  }

  private static int partRows(List<Tensor> part) {
    Shape shape = part.getFirst().shape();
    return shape.rank() == 0 ? 1 : shape.dim(0);
  }

  /** The inputs of the part in which two outputs differ most. */
  List<Tensor> partWithLargestDifference(Tensor outputs, Tensor reference) {
    if (count <= step) {
      return inputs;
    }
    long perSample = reference.elements() / count;
    double largest = -1;
    int worst = 0;
    for (long i = 0; i < reference.elements(); i++) {
      double difference = Comparison.difference(outputs.getFloat(i), reference.getFloat(i));
      if (difference > largest) {
        largest = difference;
        worst = (int) (i / perSample);
      }
    }
    int first = worst / step * step;
    int size = Math.min(step, count - first);
    return inputs.stream().map(input -> rows(input, first, size)).toList();
  }

  /** {@code count} rows of a tensor, sharing its memory. */
  static Tensor rows(Tensor tensor, int first, int count) {
    int total = tensor.shape().dim(0);
    if (total == 0 || first + count > total) {
      throw HeluException.invalid(
          "run", "an input has " + total + " samples, the first one has more", "give all as many");
    }
    long bytes = tensor.data().byteSize() / total;
    return new Tensor(
        tensor.type().withShape(tensor.shape().withDim(0, count)),
        tensor.data().asSlice(first * bytes, count * bytes));
  }
}
