package org.helu.compiler.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataLocation;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import org.helu.runtime.HeluException;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Reads a TensorProto. Declared dimensions must agree with the data that is there before anything
 * is allocated. Float16, bfloat16 and float64 become float32 where no bit is lost.
 */
final class TensorReader {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final ExternalData external;

  /**
   * @param folder where external data may lie, or null where there is none
   */
  TensorReader(Path folder) {
    this.external = new ExternalData(folder);
  }

  /**
   * The tensor, copied out of the message.
   *
   * @throws NodeProblem if it is malformed, of an unsupported type or not finite
   */
  Tensor read(TensorProto proto) {
    Shape shape = shape(proto);
    DataType dataType = DataType.forNumber(proto.getDataType());
    if (proto.hasSegment()) {
      throw NodeProblem.unsupported("segmented tensors are not supported");
    }
    boolean narrowed =
        dataType == DataType.FLOAT16
            || dataType == DataType.BFLOAT16
            || dataType == DataType.DOUBLE;
    ElementType element =
        narrowed ? ElementType.FLOAT32 : ElementTypes.require(proto.getDataType());
    TensorType type = new TensorType(element, shape);
    Tensor tensor;
    if (proto.getDataLocation() == DataLocation.EXTERNAL) {
      long bytes = Math.multiplyExact(shape.elements(), sourceBytes(dataType));
      tensor = fromBytes(external.read(proto, bytes), dataType, type);
    } else if (proto.hasRawData()) {
      if (typedCount(proto) != 0) {
        throw NodeProblem.invalid("both raw_data and a typed field hold elements");
      }
      long bytes = Math.multiplyExact(shape.elements(), sourceBytes(dataType));
      requireCount("bytes of raw_data", bytes, proto.getRawData().size(), shape);
      MemorySegment raw = MemorySegment.ofBuffer(proto.getRawData().asReadOnlyByteBuffer());
      tensor = fromBytes(raw, dataType, type);
    } else {
      tensor = fromFields(proto, dataType, type);
    }
    requireFinite(tensor);
    return tensor;
  }

  private static Shape shape(TensorProto proto) {
    int[] dims = new int[Math.min(proto.getDimsCount(), Shape.MAX_RANK + 1)];
    for (int i = 0; i < dims.length; i++) {
      long dim = proto.getDims(i);
      if (dim < 0 || dim > Integer.MAX_VALUE) {
        throw NodeProblem.invalid("dimension " + i + " is " + dim);
      }
      dims[i] = (int) dim;
    }
    try {
      return Shape.of(dims);
    } catch (HeluException e) {
      throw NodeProblem.invalid(e.getMessage());
    }
  }

  private static int sourceBytes(DataType type) {
    return switch (type) {
      case FLOAT, INT32 -> 4;
      case INT64, DOUBLE -> 8;
      case FLOAT16, BFLOAT16 -> 2;
      default -> 1;
    };
  }

  private static int typedCount(TensorProto proto) {
    return proto.getFloatDataCount()
        + proto.getInt32DataCount()
        + proto.getInt64DataCount()
        + proto.getDoubleDataCount()
        + proto.getUint64DataCount()
        + proto.getStringDataCount();
  }

  private static void requireCount(String what, long expected, long found, Shape shape) {
    if (expected != found) {
      throw NodeProblem.invalid(
          shape + " takes " + expected + " " + what + ", found " + found + "; the file is damaged");
    }
  }

  private static Tensor fromBytes(MemorySegment bytes, DataType dataType, TensorType type) {
    Tensor tensor = Tensor.zeros(type);
    long elements = tensor.elements();
    switch (dataType) {
      case FLOAT16 -> {
        for (long i = 0; i < elements; i++) {
          tensor.setFloat(i, Float.float16ToFloat(bytes.get(SHORT, i * 2)));
        }
      }
      case BFLOAT16 -> {
        for (long i = 0; i < elements; i++) {
          tensor.setFloat(i, Float.intBitsToFloat(bytes.get(SHORT, i * 2) << 16));
        }
      }
      case DOUBLE -> {
        for (long i = 0; i < elements; i++) {
          tensor.setFloat(i, exactFloat(bytes.get(DOUBLE, i * 8), i));
        }
      }
      case BOOL -> {
        for (long i = 0; i < elements; i++) {
          tensor.setLong(i, bytes.get(ValueLayout.JAVA_BYTE, i));
        }
      }
      default -> tensor.data().copyFrom(bytes);
    }
    return tensor;
  }

  private static Tensor fromFields(TensorProto proto, DataType dataType, TensorType type) {
    long elements = type.shape().elements();
    requireCount("elements", elements, fieldCount(proto, dataType), type.shape());
    requireCount("elements in their type's field", elements, typedCount(proto), type.shape());
    Tensor tensor = Tensor.zeros(type);
    for (int i = 0; i < elements; i++) {
      switch (dataType) {
        case FLOAT -> tensor.setFloat(i, proto.getFloatData(i));
        case DOUBLE -> tensor.setFloat(i, exactFloat(proto.getDoubleData(i), i));
        case FLOAT16 -> tensor.setFloat(i, Float.float16ToFloat((short) proto.getInt32Data(i)));
        case BFLOAT16 -> tensor.setFloat(i, Float.intBitsToFloat(proto.getInt32Data(i) << 16));
        case INT64 -> tensor.setLong(i, proto.getInt64Data(i));
        default -> tensor.setLong(i, proto.getInt32Data(i));
      }
    }
    return tensor;
  }

  private static int fieldCount(TensorProto proto, DataType dataType) {
    return switch (dataType) {
      case FLOAT -> proto.getFloatDataCount();
      case DOUBLE -> proto.getDoubleDataCount();
      case INT64 -> proto.getInt64DataCount();
      default -> proto.getInt32DataCount();
    };
  }

  private static float exactFloat(double value, long index) {
    float narrow = (float) value;
    if (narrow != value && !Double.isNaN(value)) {
      throw NodeProblem.unsupported(
          "float64 element " + index + " is " + value + ", which float32 cannot hold exactly");
    }
    return narrow;
  }

  private static void requireFinite(Tensor tensor) {
    if (!tensor.type().elementType().isFloat()) {
      return;
    }
    long elements = tensor.elements();
    for (long i = 0; i < elements; i++) {
      float value = tensor.getFloat(i);
      if (!Float.isFinite(value)) {
        throw NodeProblem.invalid(
            "element " + position(i, tensor.shape()) + " is " + value + ", weights must be finite");
      }
    }
  }

  private static String position(long index, Shape shape) {
    int[] position = new int[shape.rank()];
    long rest = index;
    for (int axis = position.length - 1; axis >= 0; axis--) {
      position[axis] = (int) (rest % shape.dim(axis));
      rest /= shape.dim(axis);
    }
    return Arrays.toString(position);
  }
}
