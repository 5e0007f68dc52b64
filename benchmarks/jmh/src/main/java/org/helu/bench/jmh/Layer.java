package org.helu.bench.jmh;

import java.util.SplittableRandom;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.Devices;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** A graph on a device with its input and output, ready to be timed. */
final class Layer implements AutoCloseable {
  private final Device device;
  private final Executable executable;
  private final Session session;
  private final Tensor input;

  private Layer(Device device, Graph graph, int batch, Tensor input) {
    this.device = device;
    this.executable =
        device.compile(new BinarizedGraph(graph, Provenance.NONE), new CompileOptions(batch));
    this.session = executable.newSession();
    this.input = input;
  }

  static Layer open(String device, int threads, Graph graph, int batch, Tensor input) {
    Device opened = Devices.open(device, new DeviceOptions(threads));
    try {
      return new Layer(opened, graph, batch, input);
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  /** Runs once; the result keeps the JIT compiler from dropping the work. */
  Tensor run() {
    return session.run(input);
  }

  @Override
  public void close() {
    session.close();
    executable.close();
    device.close();
  }

  /** Positive floats, each 0 with the given probability. */
  static Tensor floats(double zeros, SplittableRandom random, int... dims) {
    Tensor tensor = Tensor.zeros(TensorType.float32(dims));
    for (long i = 0; i < tensor.elements(); i++) {
      boolean open = random.nextDouble() >= zeros;
      tensor.setFloat(i, open ? (float) random.nextDouble() + 0.01f : 0);
    }
    return tensor;
  }

  /** Weights around 0. */
  static Tensor weights(SplittableRandom random, int... dims) {
    Tensor tensor = Tensor.zeros(TensorType.float32(dims));
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.setFloat(i, (float) random.nextDouble() - 0.5f);
    }
    return tensor;
  }

  /** Random bits, packed along the last dimension; bits behind its end are 0. */
  static Tensor bits(SplittableRandom random, int... dims) {
    Tensor tensor = Tensor.zeros(new TensorType(ElementType.BIT, Shape.of(dims)));
    int channels = dims[dims.length - 1];
    int words = (channels + 63) / 64;
    long tail = channels % 64 == 0 ? -1L : (1L << (channels % 64)) - 1;
    for (long word = 0; word < tensor.data().byteSize() / 8; word++) {
      long value = random.nextLong() & (word % words == words - 1 ? tail : -1L);
      tensor.data().set(Tensor.LONG, word * 8, value);
    }
    return tensor;
  }

  /** The numbers in a parameter such as {@code 784x256}. */
  static int[] sizes(String text) {
    return java.util.Arrays.stream(text.split("x")).mapToInt(Integer::parseInt).toArray();
  }
}
