package org.helu.compiler.onnx;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import org.helu.runtime.tensor.ElementType;

/** ONNX's data types in helu's terms. */
final class ElementTypes {
  private ElementTypes() {}

  /** The element type that an ONNX data type code stands for, or null where helu has none. */
  static ElementType find(int dataType) {
    DataType type = DataType.forNumber(dataType);
    return type == null
        ? null
        : switch (type) {
          case FLOAT -> ElementType.FLOAT32;
          case INT64 -> ElementType.INT64;
          case INT32 -> ElementType.INT32;
          case INT8 -> ElementType.INT8;
          case UINT8 -> ElementType.UINT8;
          case BOOL -> ElementType.BOOL;
          default -> null;
        };
  }

  /** As {@link #find}, failing where helu has no such type. */
  static ElementType require(int dataType) {
    ElementType type = find(dataType);
    if (type == null) {
      throw NodeProblem.unsupported("element type " + name(dataType) + " is not supported");
    }
    return type;
  }

  /** ONNX's name of a data type code. */
  static String name(int dataType) {
    DataType type = DataType.forNumber(dataType);
    return type == null ? "number " + dataType : type.name();
  }
}
