package org.helu.bench.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.helu.runtime.HeluException;

/** Elements of ONNX tensors. */
final class Constants {
  private Constants() {}

  /** Elements as float32, of FLOAT, INT8, UINT8 or INT32. */
  static float[] floats(TensorProto tensor) {
    DataType type = DataType.forNumber(tensor.getDataType());
    int count = Math.toIntExact(elements(tensor.getDimsList()));
    float[] values = new float[count];
    ByteBuffer raw = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    boolean isRaw = tensor.hasRawData();
    try {
      for (int i = 0; i < count; i++) {
        values[i] =
            switch (type) {
              case FLOAT -> isRaw ? raw.getFloat(i * 4) : tensor.getFloatData(i);
              case INT8 -> isRaw ? raw.get(i) : tensor.getInt32Data(i);
              case UINT8 -> isRaw ? raw.get(i) & 0xff : tensor.getInt32Data(i);
              case INT32 -> isRaw ? raw.getInt(i * 4) : tensor.getInt32Data(i);
              case null, default ->
                  throw HeluException.unsupported(
                      OnnxModel.STAGE,
                      "constant '"
                          + tensor.getName()
                          + "': expected floats or bytes, found "
                          + type,
                      "");
            };
      }
    } catch (IndexOutOfBoundsException e) {
      throw HeluException.invalid(
          OnnxModel.STAGE,
          "constant '" + tensor.getName() + "' has fewer than " + count + " elements",
          "export the model again");
    }
    return values;
  }

  static long elements(List<Long> dims) {
    return dims.stream().reduce(1L, Math::multiplyExact);
  }

  static TensorProto ofFloats(String name, List<Long> dims, float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return of(name, DataType.FLOAT, dims, bytes.array());
  }

  static TensorProto ofInts(String name, List<Long> dims, int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      bytes.putInt(value);
    }
    return of(name, DataType.INT32, dims, bytes.array());
  }

  /** INT8 or UINT8. */
  static TensorProto ofBytes(String name, DataType type, List<Long> dims, byte... values) {
    return of(name, type, dims, values);
  }

  private static TensorProto of(String name, DataType type, List<Long> dims, byte[] raw) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(type.getNumber())
        .addAllDims(dims)
        .setRawData(ByteString.copyFrom(raw))
        .build();
  }
}
