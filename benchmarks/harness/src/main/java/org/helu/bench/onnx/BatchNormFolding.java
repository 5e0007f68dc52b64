package org.helu.bench.onnx;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Folds {@code y = (z - mean) * gamma / sqrt(variance + epsilon) + beta} into the convolution or
 * dense layer that computes {@code z}, where that has constant weights and {@code z} no other use.
 */
final class BatchNormFolding {
  private static final float EPSILON = 1e-5f;

  private BatchNormFolding() {}

  static void apply(OnnxModel model) {
    Map<String, NodeProto> writers = model.writers();
    Map<String, Integer> uses = model.uses();
    List<NodeProto> folded = new ArrayList<>(model.nodes);
    for (NodeProto norm : model.nodes) {
      if (!norm.getOpType().equals("BatchNormalization")) {
        continue;
      }
      NodeProto layer = writers.get(norm.getInput(0));
      if (layer != null && uses.get(norm.getInput(0)) == 1 && canFold(model, layer, norm)) {
        folded.set(folded.indexOf(layer), fold(model, layer, norm));
        folded.remove(norm);
      }
    }
    model.nodes.clear();
    model.nodes.addAll(folded);
  }

  private static boolean canFold(OnnxModel model, NodeProto layer, NodeProto norm) {
    boolean rowsAreOutputs =
        layer.getOpType().equals("Conv")
            || (layer.getOpType().equals("Gemm")
                && OnnxModel.attribute(layer, "transB", 0L) == 1
                && OnnxModel.attribute(layer, "alpha", 1f) == 1
                && OnnxModel.attribute(layer, "beta", 1f) == 1);
    boolean constant = rowsAreOutputs;
    for (String operand : layer.getInputList().subList(1, layer.getInputCount())) {
      constant &= model.constants.containsKey(operand);
    }
    for (String operand : norm.getInputList().subList(1, norm.getInputCount())) {
      constant &= model.constants.containsKey(operand);
    }
    return constant;
  }

  private static NodeProto fold(OnnxModel model, NodeProto layer, NodeProto norm) {
    float[] gamma = floats(model, norm, 1);
    float[] beta = floats(model, norm, 2);
    float[] mean = floats(model, norm, 3);
    float[] variance = floats(model, norm, 4);
    float epsilon = OnnxModel.attribute(norm, "epsilon", EPSILON);
    TensorProto weight = model.constants.get(layer.getInput(1));
    float[] weights = Constants.floats(weight);
    float[] biases = layer.getInputCount() > 2 ? floats(model, layer, 2) : new float[gamma.length];
    int row = weights.length / gamma.length;
    float[] bias = new float[gamma.length];
    for (int channel = 0; channel < gamma.length; channel++) {
      float factor = (float) (gamma[channel] / Math.sqrt((double) variance[channel] + epsilon));
      bias[channel] = (biases[channel] - mean[channel]) * factor + beta[channel];
      for (int i = channel * row; i < (channel + 1) * row; i++) {
        weights[i] *= factor;
      }
    }
    String output = norm.getOutput(0);
    String weightName = output + "/weight";
    String biasName = output + "/bias";
    model.constants.put(weightName, Constants.ofFloats(weightName, weight.getDimsList(), weights));
    model.constants.put(biasName, Constants.ofFloats(biasName, List.of((long) bias.length), bias));
    return OnnxModel.withInputs(layer, List.of(layer.getInput(0), weightName, biasName)).toBuilder()
        .setOutput(0, output)
        .build();
  }

  private static float[] floats(OnnxModel model, NodeProto node, int input) {
    return Constants.floats(model.constants.get(node.getInput(input)));
  }
}
