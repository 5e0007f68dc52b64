package org.helu.device.tornado.fpga;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.helu.runtime.tensor.Encoding;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The arrays that a kernel is called with, byte by byte as TornadoVM would hand them over: a header
 * that nobody reads, then the elements.
 */
final class PortArrays {
  static final int HEADER = (int) TornadoNativeArray.ARRAY_HEADER;

  /** What outputs hold before; a kernel that leaves an element out leaves this. */
  private static final byte UNWRITTEN = (byte) 0xA5;

  private final FpgaKernel kernel;
  private final int samples;
  private final List<byte[]> arrays = new ArrayList<>();

  PortArrays(FpgaKernel kernel, List<Tensor> inputs, int samples) {
    this.kernel = kernel;
    this.samples = samples;
    inputs.forEach(input -> arrays.add(bytes(input)));
    for (FpgaKernel.Port port : kernel.outputs()) {
      byte[] array = new byte[HEADER + Math.toIntExact(bytesOf(type(port)))];
      Arrays.fill(array, UNWRITTEN);
      arrays.add(array);
    }
    byte[] batch = new byte[HEADER + Integer.BYTES];
    buffer(batch).putInt(HEADER, samples);
    arrays.add(batch);
  }

  /** In the order of the kernel's arguments, behind TornadoVM's four. */
  List<byte[]> arrays() {
    return arrays;
  }

  /** The outputs in {@code arrays}, which a run has written. */
  List<Tensor> outputs(List<byte[]> written) {
    List<Tensor> outputs = new ArrayList<>();
    for (int i = 0; i < kernel.outputs().size(); i++) {
      outputs.add(tensor(type(kernel.outputs().get(i)), written.get(kernel.inputs().size() + i)));
    }
    return outputs;
  }

  private TensorType type(FpgaKernel.Port port) {
    TensorType type = port.type().withBatch(samples);
    // As a session gives a gated value out: its magnitudes.
    return type.encoding() instanceof Encoding.Gated ? type.withEncoding(Encoding.PLAIN) : type;
  }

  private static boolean isByte(TensorType type) {
    return type.elementType().bytes() == 1;
  }

  private static long bytesOf(TensorType type) {
    return type.dataBytes() * (isByte(type) ? Integer.BYTES : 1);
  }

  private static byte[] bytes(Tensor tensor) {
    byte[] array = new byte[HEADER + Math.toIntExact(bytesOf(tensor.type()))];
    if (isByte(tensor.type())) {
      for (int i = 0; i < tensor.elements(); i++) {
        buffer(array).putInt(HEADER + Integer.BYTES * i, (int) tensor.getLong(i));
      }
    } else {
      int length = Math.toIntExact(tensor.type().dataBytes());
      MemorySegment.copy(tensor.data(), JAVA_BYTE, 0, array, HEADER, length);
    }
    return array;
  }

  private static Tensor tensor(TensorType type, byte[] array) {
    Tensor tensor = Tensor.zeros(type);
    if (isByte(type)) {
      for (int i = 0; i < tensor.elements(); i++) {
        tensor.setLong(i, buffer(array).getInt(HEADER + Integer.BYTES * i));
      }
    } else {
      int length = Math.toIntExact(type.dataBytes());
      MemorySegment.copy(array, HEADER, tensor.data(), JAVA_BYTE, 0, length);
    }
    return tensor;
  }

  static ByteBuffer buffer(byte[] array) {
    return ByteBuffer.wrap(array).order(ByteOrder.LITTLE_ENDIAN);
  }
}
