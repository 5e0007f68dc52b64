package org.helu.compiler.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Test data as tensors: unlike weights it may hold NaN and infinities. */
final class ProtoTensors {
  private ProtoTensors() {}

  /** The tensor, or null where helu has no such element type. */
  static Tensor read(TensorProto proto) {
    ElementType element = ElementTypes.find(proto.getDataType());
    if (element == null || proto.getDimsCount() > Shape.MAX_RANK) {
      return null;
    }
    int[] dims = proto.getDimsList().stream().mapToInt(Math::toIntExact).toArray();
    Tensor tensor = Tensor.zeros(new TensorType(element, Shape.of(dims)));
    if (proto.hasRawData()) {
      byte[] raw = proto.getRawData().toByteArray();
      tensor.data().copyFrom(java.lang.foreign.MemorySegment.ofArray(raw));
      return tensor;
    }
    for (int i = 0; i < tensor.elements(); i++) {
      switch (element) {
        case FLOAT32 -> tensor.setFloat(i, proto.getFloatData(i));
        case INT64 -> tensor.setLong(i, proto.getInt64Data(i));
        default -> tensor.setLong(i, proto.getInt32Data(i));
      }
    }
    return tensor;
  }

  /** A message that holds a tensor. */
  static TensorProto write(String name, Tensor tensor) {
    DataType type =
        switch (tensor.type().elementType()) {
          case FLOAT32 -> DataType.FLOAT;
          case INT64 -> DataType.INT64;
          case INT32 -> DataType.INT32;
          case INT8 -> DataType.INT8;
          case UINT8 -> DataType.UINT8;
          case BOOL -> DataType.BOOL;
          case BIT -> throw new IllegalArgumentException("ONNX has no bit tensors");
        };
    TensorProto.Builder proto = TensorProto.newBuilder().setName(name);
    proto.setDataType(type.getNumber());
    tensor.shape().toList().forEach(dim -> proto.addDims(dim));
    byte[] raw = tensor.data().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    return proto.setRawData(ByteString.copyFrom(raw)).build();
  }
}
