package org.helu.compiler.onnx;

import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.tensor.Tensor;

/** Activations: HeLU and those that users compare it with. */
final class ActivationOps {
  private ActivationOps() {}

  static void register(OpTable table) {
    table.add("Relu", ActivationOps::relu);
    table.add(OpTable.HELU_DOMAIN, "HeLU", ActivationOps::helu);
    table.add("Clip", ActivationOps::clip);
    table.add("PRelu", node -> binary(node, BinaryKind.PRELU));
    table.add("LeakyRelu", node -> parametric(node, UnaryKind.LEAKY_RELU, "alpha", 0.01f));
    table.add("Elu", node -> parametric(node, UnaryKind.ELU, "alpha", 1));
    table.add("Selu", node -> selu(node));
    table.add("HardSigmoid", node -> hardSigmoid(node));
    table.add("Gelu", ActivationOps::gelu);
    table.add("Celu", ActivationOps::celu);
    table.add("ThresholdedRelu", ActivationOps::thresholdedRelu);
    plain(table, "Sigmoid", UnaryKind.SIGMOID);
    plain(table, "Tanh", UnaryKind.TANH);
    plain(table, "HardSwish", UnaryKind.HARD_SWISH);
    plain(table, "Softplus", UnaryKind.SOFTPLUS);
    plain(table, "Softsign", UnaryKind.SOFTSIGN);
    plain(table, "Mish", UnaryKind.MISH);
  }

  private static void plain(OpTable table, String opType, UnaryKind kind) {
    table.add(
        opType,
        node -> {
          node.requireInputs(1, 1);
          node.result(new DeviceOp.Unary(kind), node.input(0));
        });
  }

  private static void relu(NodeContext node) {
    node.requireInputs(1, 1);
    String text = node.alphaText();
    gate(node, text == null ? Float.NaN : HeluAlpha.parse(text));
  }

  private static void helu(NodeContext node) {
    node.requireInputs(1, 1);
    float own = Float.NaN;
    if (node.attributes().has("alpha")) {
      own = HeluAlpha.require(node.attributes().floatOr("alpha", 0));
    } else if (node.alphaText() != null) {
      own = HeluAlpha.parse(node.alphaText());
    }
    gate(node, own);
  }

  private static void gate(NodeContext node, float own) {
    node.result(new FloatOp.Helu(node.alpha().resolve(own)), node.input(0));
  }

  private static void binary(NodeContext node, BinaryKind kind) {
    node.requireInputs(2, 2);
    node.result(new DeviceOp.Binary(kind), node.input(0), node.input(1));
  }

  private static void parametric(NodeContext node, UnaryKind kind, String name, float fallback) {
    node.requireInputs(1, 1);
    float a = node.attributes().floatOr(name, fallback);
    node.result(new DeviceOp.Unary(kind, a, 0), node.input(0));
  }

  private static void selu(NodeContext node) {
    node.requireInputs(1, 1);
    float alpha = node.attributes().floatOr("alpha", 1.67326319217681884765625f);
    float gamma = node.attributes().floatOr("gamma", 1.05070102214813232421875f);
    node.result(new DeviceOp.Unary(UnaryKind.SELU, alpha, gamma), node.input(0));
  }

  private static void hardSigmoid(NodeContext node) {
    node.requireInputs(1, 1);
    float alpha = node.attributes().floatOr("alpha", 0.2f);
    float beta = node.attributes().floatOr("beta", 0.5f);
    node.result(new DeviceOp.Unary(UnaryKind.HARD_SIGMOID, alpha, beta), node.input(0));
  }

  private static void gelu(NodeContext node) {
    node.requireInputs(1, 1);
    String form = node.attributes().stringOr("approximate", "none");
    UnaryKind kind =
        switch (form) {
          case "none" -> UnaryKind.GELU;
          case "tanh" -> UnaryKind.GELU_TANH;
          default -> throw NodeProblem.invalid("approximate is '" + form + "', not none or tanh");
        };
    node.result(new DeviceOp.Unary(kind), node.input(0));
  }

  /** {@code max(0, x) + min(0, alpha * (e^(x/alpha) - 1)) = alpha * elu(x / alpha)}. */
  private static void celu(NodeContext node) {
    node.requireInputs(1, 1);
    float alpha = node.attributes().floatOr("alpha", 1);
    if (!(alpha > 0)) {
      throw NodeProblem.invalid("alpha is " + alpha + ", expected more than 0");
    }
    Value divisor = node.scalarConstant("alpha", alpha);
    Value scaled = node.emit(new DeviceOp.Binary(BinaryKind.DIV), node.input(0), divisor);
    Value elu = node.emit(new DeviceOp.Unary(UnaryKind.ELU, 1, 0), scaled);
    node.result(new DeviceOp.Unary(UnaryKind.LINEAR, alpha, 0), elu);
  }

  /** {@code x > alpha ? x : 0}. */
  private static void thresholdedRelu(NodeContext node) {
    node.requireInputs(1, 1);
    Value alpha = node.scalarConstant("alpha", node.attributes().floatOr("alpha", 1));
    Value open = node.emit(new DeviceOp.Binary(BinaryKind.GREATER), node.input(0), alpha);
    Value zero = node.scalarConstant("zero", 0);
    node.result(new DeviceOp.Where(), open, node.input(0), zero);
  }

  /** Bounds are attributes before opset 11, inputs since. */
  private static void clip(NodeContext node) {
    node.requireInputs(1, 3);
    Value x = node.input(0);
    Value low = node.optional(1);
    Value high = node.optional(2);
    if (x.isFloat() && isKnown(low) && isKnown(high)) {
      float min = low == null ? node.attributes().floatOr("min", -Float.MAX_VALUE) : bound(low);
      float max = high == null ? node.attributes().floatOr("max", Float.MAX_VALUE) : bound(high);
      node.result(new DeviceOp.Unary(UnaryKind.CLIP, min, max), x);
      return;
    }
    // Computed bounds, and integers that a float parameter could not hold.
    if (low == null && high == null) {
      node.alias(0, x);
    } else if (high == null) {
      node.result(new DeviceOp.Binary(BinaryKind.MAX), x, low);
    } else {
      Value raised = low == null ? x : node.emit(new DeviceOp.Binary(BinaryKind.MAX), x, low);
      node.result(new DeviceOp.Binary(BinaryKind.MIN), raised, high);
    }
  }

  private static boolean isKnown(Value bound) {
    return bound == null || bound.isConstant();
  }

  private static float bound(Value value) {
    Tensor tensor = value.constant();
    if (!value.isFloat() || tensor.elements() != 1) {
      throw NodeProblem.invalid("expected a scalar float bound, found " + value.type());
    }
    float bound = tensor.getFloat(0);
    if (Float.isNaN(bound)) {
      throw NodeProblem.invalid("a bound is NaN");
    }
    // No bound at all is the largest number, as ONNX defines it.
    return Math.clamp(bound, -Float.MAX_VALUE, Float.MAX_VALUE);
  }
}
