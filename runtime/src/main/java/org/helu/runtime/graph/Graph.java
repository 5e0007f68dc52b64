package org.helu.runtime.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.helu.runtime.HeluException;
import org.helu.runtime.op.OpException;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * A network as an immutable directed acyclic graph in static single assignment form.
 *
 * <p>The constructor checks what every stage relies on: names are unique, nodes stand in an order
 * in which every value is written before it is read, and every op accepts its inputs. Types are
 * inferred there, so no pass can leave a stale one behind.
 */
public final class Graph {
  private static final String STAGE = "graph";

  private final String name;
  private final List<GraphInput> inputs;
  private final List<String> outputs;
  private final List<Node> nodes;
  private final Map<String, Tensor> constants;
  private final Map<String, TensorType> types;
  private final Map<String, Node> producers;
  private final Map<String, List<Node>> consumers;

  /**
   * @param name for reports
   * @param inputs what a session is given, in order
   * @param outputs names of the values that a session returns, in order
   * @param nodes in an order in which values are written before they are read
   * @param constants weights and other known values, by name
   * @throws HeluException if one of the checks fails; the message names the node
   */
  public Graph(
      String name,
      List<GraphInput> inputs,
      List<String> outputs,
      List<Node> nodes,
      Map<String, Tensor> constants) {
    this.name = name;
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    this.nodes = List.copyOf(nodes);
    this.constants = Collections.unmodifiableMap(new LinkedHashMap<>(constants));
    this.types = new HashMap<>();
    this.producers = new HashMap<>();
    this.consumers = new HashMap<>();
    check();
  }

  private void check() {
    for (GraphInput input : inputs) {
      define(input.name(), input.type(), "input");
    }
    constants.forEach((value, tensor) -> define(value, tensor.type(), "constant"));
    Set<String> nodeNames = new HashSet<>();
    for (Node node : nodes) {
      if (!nodeNames.add(node.name())) {
        throw HeluException.invalid(STAGE, node.label() + ": the name is used twice", "");
      }
      List<TensorType> operandTypes = new ArrayList<>(node.inputs().size());
      for (String value : node.inputs()) {
        TensorType type = types.get(value);
        if (type == null) {
          throw HeluException.invalid(
              STAGE,
              node.label() + ": input '" + value + "' is not written before it is read",
              "the model lacks an initializer or has a cycle");
        }
        operandTypes.add(type);
        consumers.computeIfAbsent(value, _ -> new ArrayList<>()).add(node);
      }
      define(node.output(), infer(node, operandTypes), "output of " + node.label());
      producers.put(node.output(), node);
    }
    if (outputs.isEmpty()) {
      throw HeluException.invalid(STAGE, "'" + name + "' has no output", "");
    }
    for (String output : outputs) {
      if (!types.containsKey(output)) {
        throw HeluException.invalid(STAGE, "output '" + output + "' is never written", "");
      }
    }
  }

  private static TensorType infer(Node node, List<TensorType> operandTypes) {
    try {
      return node.op().infer(operandTypes);
    } catch (OpException e) {
      throw HeluException.invalid(STAGE, node.label() + ": " + e.getMessage(), "");
    } catch (ArithmeticException e) {
      throw HeluException.invalid(STAGE, node.label() + ": a dimension overflows", "");
    } catch (HeluException e) {
      throw HeluException.invalid(STAGE, node.label() + ": " + e.getMessage(), "");
    }
  }

  private void define(String value, TensorType type, String what) {
    if (types.put(value, type) != null) {
      throw HeluException.invalid(STAGE, "value '" + value + "' is written twice: " + what, "");
    }
  }

  /** The network's name. */
  public String name() {
    return name;
  }

  /** Inputs in order. */
  public List<GraphInput> inputs() {
    return inputs;
  }

  /** Names of the output values in order. */
  public List<String> outputs() {
    return outputs;
  }

  /** Nodes in execution order. */
  public List<Node> nodes() {
    return nodes;
  }

  /** Known values by name, in definition order. */
  public Map<String, Tensor> constants() {
    return constants;
  }

  /** The constant called {@code value}, or null where the value is computed. */
  public Tensor constant(String value) {
    return constants.get(value);
  }

  /** The inferred type of a value. */
  public TensorType type(String value) {
    TensorType type = types.get(value);
    if (type == null) {
      throw new IllegalArgumentException("no value '" + value + "' in graph '" + name + "'");
    }
    return type;
  }

  /** Whether the graph has a value of this name. */
  public boolean hasValue(String value) {
    return types.containsKey(value);
  }

  /** The node that writes {@code value}, or null for inputs and constants. */
  public Node producer(String value) {
    return producers.get(value);
  }

  /** The nodes that read {@code value}; a node that reads it twice stands twice. */
  public List<Node> consumers(String value) {
    return Collections.unmodifiableList(consumers.getOrDefault(value, List.of()));
  }

  /** Whether {@code value} is an output of the graph. */
  public boolean isOutput(String value) {
    return outputs.contains(value);
  }

  /** Whether one node alone reads {@code value} and the graph does not return it. */
  public boolean hasSingleUse(String value) {
    return consumers(value).size() == 1 && !isOutput(value);
  }

  /** Bytes of all constants. */
  public long constantBytes() {
    return constants.values().stream().mapToLong(tensor -> tensor.data().byteSize()).sum();
  }

  /** A builder that starts as this graph. */
  public GraphBuilder toBuilder() {
    return new GraphBuilder(this);
  }

  @Override
  public String toString() {
    return GraphPrinter.print(this);
  }
}
