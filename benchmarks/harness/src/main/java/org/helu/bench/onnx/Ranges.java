package org.helu.bench.onnx;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.helu.compiler.onnx.OnnxImporter;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;

/** The smallest and largest value of every float activation of a model, on given inputs. */
final class Ranges {
  /** Ends of a range; 0 is always in it. */
  record Range(float min, float max) {}

  private final Map<String, Range> ranges = new HashMap<>();

  /** Runs the model by the interpreter, which keeps the model's names. */
  static Ranges of(Path model, List<Tensor> inputs) {
    Graph graph = OnnxImporter.read(model).graph();
    Ranges ranges = new Ranges();
    for (int i = 0; i < inputs.size(); i++) {
      ranges.add(graph.inputs().get(i).name(), inputs.get(i));
    }
    new Interpreter(graph).run(inputs, (node, value) -> ranges.add(node.output(), value));
    return ranges;
  }

  private void add(String name, Tensor value) {
    if (value.type().elementType() != ElementType.FLOAT32) {
      return;
    }
    float min = 0;
    float max = 0;
    for (long i = 0; i < value.elements(); i++) {
      float element = value.getFloat(i);
      min = Math.min(min, element);
      max = Math.max(max, element);
    }
    if (Float.isFinite(min) && Float.isFinite(max) && max > min) {
      ranges.put(name, new Range(min, max));
    }
  }

  /** The range of a value, or null if it has none that is finite and wider than 0. */
  Range of(String name) {
    return ranges.get(name);
  }
}
