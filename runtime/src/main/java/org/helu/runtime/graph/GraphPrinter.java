package org.helu.runtime.graph;

import java.util.Locale;
import java.util.Map;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.tensor.Tensor;

/** Stable text of a graph, for golden tests and for reading. Weights are shown by type only. */
public final class GraphPrinter {
  private GraphPrinter() {}

  /** One line per input, constant, node and output. */
  public static String print(Graph graph) {
    StringBuilder text = new StringBuilder("graph ").append(graph.name()).append('\n');
    for (GraphInput input : graph.inputs()) {
      text.append("  input ").append(input.name()).append(": ").append(input.type());
      text.append(input.range().isBounded() ? " in " + input.range() : "").append('\n');
    }
    for (Map.Entry<String, Tensor> constant : graph.constants().entrySet()) {
      text.append("  const ").append(constant.getKey()).append(": ");
      text.append(constant.getValue().type()).append('\n');
    }
    for (Node node : graph.nodes()) {
      text.append("  ").append(node.output()).append(": ").append(graph.type(node.output()));
      text.append(" = ").append(describe(node.op()));
      text.append('(').append(String.join(", ", node.inputs())).append(")\n");
    }
    text.append("  return ").append(String.join(", ", graph.outputs())).append('\n');
    return text.toString();
  }

  /** The op's name with its attributes, such as {@code Conv2d<kernel=3x3 pad=1,1,1,1 +gate>}. */
  public static String describe(Op op) {
    String attributes =
        switch (op) {
          case FloatOp.Conv conv -> conv.window() + groups(conv.groups());
          case FloatOp.Pool pool -> pool.kind() + " " + pool.window() + ceil(pool.ceil());
          case FloatOp.Gemm gemm -> gemm(gemm);
          case FloatOp.MatMul _ -> "";
          case FloatOp.BatchNorm norm -> "epsilon=" + norm.epsilon();
          case FloatOp.Helu helu -> "alpha=" + helu.alpha();
          case FloatOp.Quantize quantize ->
              quantize.to()
                  + " "
                  + quantize.low()
                  + ".."
                  + quantize.high()
                  + " axis="
                  + quantize.axis()
                  + " "
                  + quantize.rounding();
          case FloatOp.Dequantize dequantize -> "axis=" + dequantize.axis();
          case FloatOp.MultiThreshold steps ->
              (steps.strict() ? "strict " : "")
                  + "scale="
                  + steps.outScale()
                  + " bias="
                  + steps.outBias();
          case DeviceOp.Dense dense -> fused(dense.bias(), dense.residual(), dense);
          case DeviceOp.Conv2d conv ->
              conv.window() + groups(conv.groups()) + fused(conv.bias(), conv.residual(), conv);
          case DeviceOp.Pool2d pool -> pool.kind() + " " + pool.window() + ceil(pool.ceil());
          case DeviceOp.Gate _ -> "";
          case DeviceOp.Unary unary ->
              unary.kind()
                  + (unary.a() != 0 ? " a=" + unary.a() : "")
                  + (unary.b() != 0 ? " b=" + unary.b() : "");
          case DeviceOp.Binary binary -> binary.kind().toString();
          case DeviceOp.Where _ -> "";
          case DeviceOp.Cast cast -> cast.to().toString();
          case DeviceOp.Reduce reduce ->
              reduce.kind() + " axes=" + reduce.axes() + (reduce.keepDims() ? " keep" : "");
          case DeviceOp.Reshape _ -> "";
          case DeviceOp.Transpose transpose -> transpose.perm().toString();
          case DeviceOp.Concat concat -> "axis=" + concat.axis();
          case DeviceOp.Slice slice ->
              slice.begin() + " size=" + slice.size() + " step=" + slice.step();
          case DeviceOp.Pad pad ->
              pad.mode() + " " + pad.before() + pad.after() + " " + pad.value();
          case DeviceOp.Gather gather -> "axis=" + gather.axis();
          case DeviceOp.Softmax softmax -> "axis=" + softmax.axis() + (softmax.log() ? " log" : "");
          case DeviceOp.LayerNorm norm -> "axis=" + norm.axis() + " epsilon=" + norm.epsilon();
          case DeviceOp.BatchMatMul _ -> "";
          case IntegerOp.IntegerDense dense ->
              dense.codes() + fused(false, dense.residual(), dense);
          case IntegerOp.IntegerConv2d conv ->
              conv.window()
                  + groups(conv.groups())
                  + " "
                  + conv.codes()
                  + fused(false, conv.residual(), conv);
          case IntegerOp.Convert convert -> convert.epilogue().toString();
        };
    String trimmed = attributes.strip();
    return trimmed.isEmpty() ? op.name() : op.name() + "<" + trimmed + ">";
  }

  private static String gemm(FloatOp.Gemm gemm) {
    return (gemm.transA() ? "transA " : "")
        + (gemm.transB() ? "transB " : "")
        + (gemm.alpha() != 1 ? "alpha=" + gemm.alpha() + " " : "")
        + (gemm.beta() != 1 ? "beta=" + gemm.beta() : "");
  }

  private static String groups(int groups) {
    return groups == 1 ? "" : " groups=" + groups;
  }

  private static String ceil(boolean ceil) {
    return ceil ? " ceil" : "";
  }

  private static String fused(boolean bias, boolean residual, DeviceOp op) {
    StringBuilder text = new StringBuilder();
    text.append(bias ? " +bias" : "").append(residual ? " +residual" : "");
    for (Epilogue epilogue : op.epilogues()) {
      text.append(" +").append(epilogue.toString().toLowerCase(Locale.ROOT));
    }
    return text.toString();
  }
}
