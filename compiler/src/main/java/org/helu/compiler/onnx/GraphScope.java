package org.helu.compiler.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.op.OpException;
import org.helu.runtime.reference.ReferenceKernels;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * The graph under construction: ONNX values by name, nodes emitted so far, and what is computed at
 * import already.
 *
 * <p>Integer and BOOL results of constants are folded, as they make up shapes and indices. Small
 * float results of constants stay nodes (a compiler pass folds those), but their value is known to
 * importers too.
 */
final class GraphScope {
  /** Elements that folding may write in all: what a small file can make the importer allocate. */
  private static final long FOLD_BUDGET = 1 << 22;

  /** Float results of constants up to this many elements are known at import. */
  private static final int KNOWN_FLOATS = 1 << 10;

  private final Map<String, Value> values = new HashMap<>();
  private final List<GraphInput> inputs = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> constants = new HashMap<>();
  private final Names nodeNames;
  private final Names valueNames;
  private long foldBudget = FOLD_BUDGET;

  GraphScope(Names nodeNames, Names valueNames) {
    this.nodeNames = nodeNames;
    this.valueNames = valueNames;
  }

  void addInput(GraphInput input) {
    inputs.add(input);
    values.put(input.name(), Value.computed(input.name(), input.type()));
  }

  /** The value of an ONNX name, or null where its node could not be imported. */
  Value value(String onnxName) {
    return values.get(onnxName);
  }

  /** Lets an ONNX name stand for a value. */
  void bind(String onnxName, Value value) {
    values.put(onnxName, value);
  }

  /** Whether a value is a constant of the graph, not the result of a node that is folded later. */
  boolean isStored(Value value) {
    return value.isConstant() && constants.containsKey(value.name());
  }

  /** Adds a constant under a name that is not used yet. */
  Value constant(String name, Tensor tensor) {
    constants.put(name, tensor);
    return Value.constant(name, tensor);
  }

  /** Adds a constant under a new name made from {@code base}. */
  Value freshConstant(String base, Tensor tensor) {
    return constant(valueNames.fresh(base), tensor);
  }

  String freshValue(String base) {
    return valueNames.fresh(base);
  }

  String freshNode(String base) {
    return nodeNames.fresh(base);
  }

  /**
   * Emits {@code output = op(operands)}, or folds it.
   *
   * @throws NodeProblem if the operands do not fit the op
   */
  Value emit(Op op, String nodeName, String output, List<Value> operands, String origin) {
    TensorType type = infer(op, operands);
    boolean symbolic = operands.stream().anyMatch(Value::symbolic);
    boolean known = operands.stream().allMatch(operand -> operand.constant() != null);
    if (symbolic && !(known && movesData(op))) {
      throw NodeProblem.unsupported(
          "computes with the batch size, which only a session knows; export without that, or with"
              + " a fixed batch");
    }
    boolean fold = known && (!type.elementType().isFloat() || isIntegerCast(op, operands));
    Tensor tensor = null;
    if (fold || (known && type.shape().elements() <= KNOWN_FLOATS)) {
      tensor = evaluate(op, type, operands);
    }
    if (fold && symbolic && containsBatch(tensor)) {
      return Value.symbolic(output, tensor);
    }
    if (fold) {
      return constant(output, tensor);
    }
    List<String> names = operands.stream().map(Value::name).toList();
    nodes.add(new Node(nodeName, op, names, output, List.of(origin)));
    return new Value(output, type, tensor, false);
  }

  /** Takes {@code elements} out of what folding may still allocate. */
  void spendFoldBudget(long elements) {
    if (elements > foldBudget) {
      throw NodeProblem.unsupported(
          "a constant of "
              + elements
              + " elements would be computed at import; constants computed there may take "
              + FOLD_BUDGET
              + " elements in all");
    }
    foldBudget -= elements;
  }

  /** The graph that computes {@code outputs}; nodes that they do not need are dropped. */
  Graph build(String name, List<String> outputs) {
    GraphBuilder builder = new GraphBuilder(name);
    inputs.forEach(builder::input);
    constants.forEach(builder::constant);
    Set<String> needed = new HashSet<>(outputs);
    List<Node> kept = new ArrayList<>();
    for (Node node : nodes.reversed()) {
      if (needed.contains(node.output())) {
        needed.addAll(node.inputs());
        kept.add(node);
      }
    }
    kept.reversed().forEach(builder::add);
    outputs.forEach(builder::output);
    return builder.build();
  }

  private Tensor evaluate(Op op, TensorType type, List<Value> operands) {
    spendFoldBudget(type.shape().elements());
    checkIndices(op, operands);
    try {
      return ReferenceKernels.evaluate(op, operands.stream().map(Value::constant).toList());
    } catch (OpException | HeluException e) {
      throw NodeProblem.invalid(e.getMessage());
    } catch (ArithmeticException _) {
      throw NodeProblem.invalid("integer division by zero");
    }
  }

  private static void checkIndices(Op op, List<Value> operands) {
    if (op instanceof DeviceOp.Gather gather) {
      int rank = operands.get(0).shape().rank();
      int axis = gather.axis() < 0 ? gather.axis() + rank : gather.axis();
      IndexOps.requireIndices(operands.get(1).constant(), operands.get(0).shape().dim(axis));
    }
  }

  private static TensorType infer(Op op, List<Value> operands) {
    try {
      return op.infer(operands.stream().map(Value::type).toList());
    } catch (OpException | HeluException e) {
      throw NodeProblem.invalid(e.getMessage());
    } catch (ArithmeticException _) {
      throw NodeProblem.invalid("a dimension overflows");
    }
  }

  private static boolean isIntegerCast(Op op, List<Value> operands) {
    return op instanceof DeviceOp.Cast && !operands.get(0).isFloat();
  }

  /** Ops that copy elements without looking at them, so a batch entry passes. */
  private static boolean movesData(Op op) {
    return switch (op) {
      case DeviceOp.Gather _, DeviceOp.Slice _, DeviceOp.Concat _ -> true;
      case DeviceOp.Reshape _, DeviceOp.Transpose _ -> true;
      case DeviceOp.Cast cast -> cast.to() == ElementType.INT32 || cast.to() == ElementType.INT64;
      default -> false;
    };
  }

  private static boolean containsBatch(Tensor tensor) {
    for (long i = 0; i < tensor.elements(); i++) {
      if (tensor.getLong(i) == Value.BATCH_ENTRY) {
        return true;
      }
    }
    return false;
  }
}
