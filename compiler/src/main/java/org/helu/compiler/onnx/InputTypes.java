package org.helu.compiler.onnx;

import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import org.helu.runtime.HeluException;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.TensorType;

/** Types of graph inputs: the first dimension may be symbolic, then it is the batch. */
final class InputTypes {
  private String batchName;

  /**
   * The type of an input.
   *
   * @throws NodeProblem if it is no tensor, has no shape, or a symbolic dimension other than the
   *     batch
   */
  TensorType read(ValueInfoProto input) {
    if (input.getType().getValueCase() != TypeProto.ValueCase.TENSOR_TYPE) {
      throw NodeProblem.unsupported("expected a tensor, found " + input.getType().getValueCase());
    }
    TypeProto.Tensor tensor = input.getType().getTensorType();
    if (!tensor.hasShape()) {
      throw NodeProblem.unsupported("no shape is declared; export the model with input shapes");
    }
    TensorShapeProto declared = tensor.getShape();
    if (declared.getDimCount() > Shape.MAX_RANK) {
      throw NodeProblem.unsupported(
          "rank " + declared.getDimCount() + " exceeds " + Shape.MAX_RANK);
    }
    int[] dims = new int[declared.getDimCount()];
    for (int axis = 0; axis < dims.length; axis++) {
      dims[axis] = dim(declared.getDim(axis), axis);
    }
    try {
      return new TensorType(ElementTypes.require(tensor.getElemType()), Shape.of(dims));
    } catch (HeluException e) {
      throw NodeProblem.invalid(e.getMessage());
    }
  }

  private int dim(Dimension dim, int axis) {
    if (dim.getValueCase() == Dimension.ValueCase.DIM_VALUE) {
      long value = dim.getDimValue();
      if (value < 0 || value > Integer.MAX_VALUE) {
        throw NodeProblem.invalid(
            "dimension " + axis + " is " + value + "; name it if it is the symbolic batch");
      }
      return (int) value;
    }
    String name = dim.getDimParam();
    if (axis != 0) {
      throw NodeProblem.unsupported(
          "dimension "
              + axis
              + (name.isEmpty() ? " is unknown" : " is symbolic ('" + name + "')")
              + "; only the first may be: fix the others, for example with onnxruntime's"
              + " make_dynamic_shape_fixed");
    }
    if (!name.isEmpty()) {
      if (batchName != null && !batchName.equals(name)) {
        throw NodeProblem.unsupported(
            "the first dimension is '"
                + name
                + "', that of another input '"
                + batchName
                + "'; inputs share one batch");
      }
      batchName = name;
    }
    return Shape.BATCH;
  }
}
