package org.helu.compiler.onnx;

import java.util.List;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.tensor.ElementType;

/** Element-wise arithmetic, comparison and logic. */
final class ArithmeticOps {
  private ArithmeticOps() {}

  static void register(OpTable table) {
    binary(table, "Add", BinaryKind.ADD);
    binary(table, "Sub", BinaryKind.SUB);
    binary(table, "Mul", BinaryKind.MUL);
    binary(table, "Div", BinaryKind.DIV);
    binary(table, "Greater", BinaryKind.GREATER);
    binary(table, "GreaterOrEqual", BinaryKind.GREATER_OR_EQUAL);
    binary(table, "Less", BinaryKind.LESS);
    binary(table, "LessOrEqual", BinaryKind.LESS_OR_EQUAL);
    binary(table, "Equal", BinaryKind.EQUAL);
    binary(table, "And", BinaryKind.AND);
    binary(table, "Or", BinaryKind.OR);
    binary(table, "Xor", BinaryKind.XOR);
    unary(table, "Abs", UnaryKind.ABS);
    unary(table, "Neg", UnaryKind.NEG);
    unary(table, "Sign", UnaryKind.SIGN);
    unary(table, "Exp", UnaryKind.EXP);
    unary(table, "Log", UnaryKind.LOG);
    unary(table, "Sqrt", UnaryKind.SQRT);
    unary(table, "Reciprocal", UnaryKind.RECIPROCAL);
    unary(table, "Floor", UnaryKind.FLOOR);
    unary(table, "Ceil", UnaryKind.CEIL);
    unary(table, "Round", UnaryKind.ROUND);
    unary(table, "Erf", UnaryKind.ERF);
    unary(table, "Not", UnaryKind.NOT);
    variadic(table, "Min", BinaryKind.MIN);
    variadic(table, "Max", BinaryKind.MAX);
    variadic(table, "Sum", BinaryKind.ADD);
    table.add("Mean", ArithmeticOps::mean);
    table.add("Pow", ArithmeticOps::pow);
    table.add("Where", ArithmeticOps::where);
  }

  private static void binary(OpTable table, String opType, BinaryKind kind) {
    table.add(
        opType,
        node -> {
          node.requireInputs(2, 2);
          node.result(new DeviceOp.Binary(kind), node.input(0), node.input(1));
        });
  }

  private static void unary(OpTable table, String opType, UnaryKind kind) {
    table.add(
        opType,
        node -> {
          node.requireInputs(1, 1);
          node.result(new DeviceOp.Unary(kind), node.input(0));
        });
  }

  private static void variadic(OpTable table, String opType, BinaryKind kind) {
    table.add(
        opType,
        node -> {
          List<Value> operands = node.allInputs();
          if (operands.size() == 1) {
            node.alias(0, operands.get(0));
          } else {
            Value head = chain(node, kind, operands.subList(0, operands.size() - 1));
            node.result(new DeviceOp.Binary(kind), head, operands.getLast());
          }
        });
  }

  private static Value chain(NodeContext node, BinaryKind kind, List<Value> operands) {
    Value sum = operands.get(0);
    for (Value operand : operands.subList(1, operands.size())) {
      sum = node.emit(new DeviceOp.Binary(kind), sum, operand);
    }
    return sum;
  }

  private static void mean(NodeContext node) {
    List<Value> operands = node.allInputs();
    Value sum = chain(node, BinaryKind.ADD, operands);
    Value count = node.scalarConstant("count", operands.size());
    node.result(new DeviceOp.Binary(BinaryKind.DIV), sum, count);
  }

  /** The result has the base's type; an exponent of another type is converted. */
  private static void pow(NodeContext node) {
    node.requireInputs(2, 2);
    Value base = node.input(0);
    Value exponent = node.input(1);
    DeviceOp.Binary pow = new DeviceOp.Binary(BinaryKind.POW);
    DeviceOp.Cast toFloat = new DeviceOp.Cast(ElementType.FLOAT32);
    if (base.type().elementType() == exponent.type().elementType()) {
      node.result(pow, base, exponent);
    } else if (base.isFloat()) {
      node.result(pow, base, node.emit(toFloat, exponent));
    } else {
      Value floatExponent = exponent.isFloat() ? exponent : node.emit(toFloat, exponent);
      Value power = node.emit(pow, node.emit(toFloat, base), floatExponent);
      node.result(new DeviceOp.Cast(base.type().elementType()), power);
    }
  }

  private static void where(NodeContext node) {
    node.requireInputs(3, 3);
    node.result(new DeviceOp.Where(), node.input(0), node.input(1), node.input(2));
  }
}
