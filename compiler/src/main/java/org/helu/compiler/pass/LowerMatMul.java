package org.helu.compiler.pass;

import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.Node;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/**
 * Turns Gemm and MatMul into Dense where the right operand is a constant matrix (stored as rows of
 * output features), else into BatchMatMul.
 */
public final class LowerMatMul implements Pass {
  private static final List<Integer> SWAP = List.of(1, 0);

  @Override
  public Graph apply(Graph graph, PassLog log) {
    GraphBuilder builder = graph.toBuilder();
    boolean changed = false;
    for (Node node : graph.nodes()) {
      switch (node.op()) {
        case FloatOp.Gemm gemm -> lowerGemm(graph, builder, node, gemm, log);
        case FloatOp.MatMul _ -> lowerMatMul(graph, builder, node, log);
        default -> {
          continue;
        }
      }
      changed = true;
    }
    return changed ? builder.build() : graph;
  }

  private static void lowerMatMul(Graph graph, GraphBuilder builder, Node node, PassLog log) {
    Tensor weight = graph.constant(node.input(1));
    if (weight != null
        && weight.shape().rank() == 2
        && Rewrites.shape(graph, node.input(0)).rank() > 1) {
      String rows = builder.freshConstant(node.input(1) + "@rows", Rewrites.permuted(weight, SWAP));
      Op dense = new DeviceOp.Dense(false, false, List.of());
      builder.replace(node, Rewrites.with(node, dense, List.of(node.input(0), rows)));
    } else {
      log.note(node, "the right operand is not a constant matrix: runs as BatchMatMul");
      builder.replace(node, Rewrites.with(node, new DeviceOp.BatchMatMul(), node.inputs()));
    }
  }

  private static void lowerGemm(
      Graph graph, GraphBuilder builder, Node node, FloatOp.Gemm gemm, PassLog log) {
    String a = node.input(0);
    if (gemm.transA()) {
      a = insert(builder, node, new DeviceOp.Transpose(SWAP), "@a", a);
    }
    int columns = Rewrites.shape(graph, node.output()).last();
    boolean hasC = node.inputs().size() == 3;
    float[] c = hasC ? Rewrites.perLastAxis(graph.constant(node.input(2)), columns) : null;
    Tensor weight = graph.constant(node.input(1));
    List<String> inputs = new ArrayList<>();
    inputs.add(a);
    Op op;
    boolean alphaPending = false;
    if (weight != null) {
      Tensor rows = gemm.transB() ? weight : Rewrites.permuted(weight, SWAP);
      boolean same = gemm.transB() && gemm.alpha() == 1;
      inputs.add(
          same
              ? node.input(1)
              : builder.freshConstant(node.input(1) + "@rows", scaled(rows, gemm.alpha())));
      if (c != null) {
        inputs.add(builder.freshConstant(node.output() + "@c", bias(c, gemm.beta())));
      }
      op = new DeviceOp.Dense(c != null, false, List.of());
    } else {
      log.note(node, "the right operand is not a constant matrix: runs as BatchMatMul");
      String b = node.input(1);
      inputs.add(gemm.transB() ? insert(builder, node, new DeviceOp.Transpose(SWAP), "@b", b) : b);
      op = new DeviceOp.BatchMatMul();
      alphaPending = gemm.alpha() != 1;
    }
    boolean addPending = hasC && !(weight != null && c != null);
    if (!alphaPending && !addPending) {
      builder.replace(node, Rewrites.with(node, op, inputs));
      return;
    }
    String product = insert(builder, node, op, "@product", inputs.toArray(new String[0]));
    if (alphaPending) {
      Op scale = new DeviceOp.Unary(UnaryKind.LINEAR, gemm.alpha(), 0);
      if (!addPending) {
        builder.replace(node, Rewrites.with(node, scale, List.of(product)));
        return;
      }
      product = insert(builder, node, scale, "@scaled", product);
    }
    String addend = node.input(2);
    if (gemm.beta() != 1) {
      Op scale = new DeviceOp.Unary(UnaryKind.LINEAR, gemm.beta(), 0);
      addend = insert(builder, node, scale, "@c", addend);
    }
    Op add = new DeviceOp.Binary(BinaryKind.ADD);
    builder.replace(node, Rewrites.with(node, add, List.of(product, addend)));
  }

  private static String insert(
      GraphBuilder builder, Node node, Op op, String suffix, String... inputs) {
    String value = builder.fresh(node.output() + suffix);
    builder.add(new Node(value, op, List.of(inputs), value, node.origins()));
    return value;
  }

  private static Tensor scaled(Tensor tensor, float factor) {
    float[] values = tensor.toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
    return Tensor.ofFloats(tensor.shape(), values);
  }

  private static Tensor bias(float[] c, float beta) {
    return scaled(Tensor.ofFloats(Shape.of(c.length), c), beta);
  }
}
