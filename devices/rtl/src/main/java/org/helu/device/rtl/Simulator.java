package org.helu.device.rtl;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.helu.device.rtl.design.Design;
import org.helu.runtime.HeluException;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** A design that runs in Verilator, in a process of its own. For one thread. */
final class Simulator implements AutoCloseable {
  private static final String STAGE = "device/rtl";

  /** Clocks without a beat that count as stuck, beyond what the slowest layer takes. */
  private static final long QUIET_CLOCKS = 1_000_000;

  /**
   * How often, of 256 clocks, the source holds back its beats and the sink its readiness.
   *
   * @param seed of the clocks
   */
  record Stalls(int source, int sink, int seed) {
    static final Stalls NONE = new Stalls(0, 0, 1);
  }

  /**
   * Clocks of a run, counted from its start.
   *
   * @param first of each sample's first input beat
   * @param last of each sample's last output beat
   */
  record Clocks(long[] first, long[] last) {
    /** Clocks between the last two samples: the rate where nothing is held back. */
    long interval() {
      return last.length < 2 ? 0 : last[last.length - 1] - last[last.length - 2];
    }

    /** Clocks from the first sample's first beat to its answer. */
    long latency() {
      return last[0] - first[0];
    }

    /** Clocks from the start to the end. */
    long total() {
      return last[last.length - 1] + 1;
    }
  }

  private final Design design;
  private final long quiet;
  private Process process;
  private final Path folder;
  private OutputStream requests;
  private DataInputStream responses;
  private Clocks clocks;

  Simulator(Design design, Path folder, long interval) {
    this.design = design;
    this.folder = folder;
    this.quiet = Math.min(Integer.MAX_VALUE, QUIET_CLOCKS + 16 * interval);
  }

  /** Clocks of the last run. */
  Clocks clocks() {
    return clocks;
  }

  /**
   * Runs samples.
   *
   * @param input codes of the type that enters the hardware
   * @param outType the type that leaves it, batch bound
   */
  Tensor run(Tensor input, TensorType outType, Stalls stalls) {
    int samples = Math.toIntExact(input.elements() / design.network().in().elements());
    if (samples == 0) {
      return Tensor.zeros(outType);
    }
    byte[] beats =
        StreamCodec.encode(
            input, design.input().lanes(), design.input().bits(), design.inputBeatBytes());
    try {
      start();
      send(samples, beats, stalls);
      byte[] answer = receive(samples);
      Tensor output = Tensor.zeros(outType);
      StreamCodec.decode(
          answer,
          design.output().lanes(),
          design.output().bits(),
          design.outputBeatBytes(),
          output);
      return output;
    } catch (IOException e) {
      close();
      throw HeluException.io(STAGE, "the simulator ended: " + e.getMessage(), "", e);
    }
  }

  private void start() throws IOException {
    if (process == null) {
      process =
          new ProcessBuilder(folder.resolve("simulator").toString())
              .directory(folder.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      requests = new BufferedOutputStream(process.getOutputStream());
      responses = new DataInputStream(process.getInputStream());
    }
  }

  private void send(int samples, byte[] beats, Stalls stalls) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
    head.putInt(samples).putInt(stalls.source()).putInt(stalls.sink());
    head.putInt(stalls.seed()).putInt((int) quiet);
    requests.write(head.array());
    requests.write(beats);
    requests.flush();
  }

  private byte[] receive(int samples) throws IOException {
    int status = Integer.reverseBytes(responses.readInt());
    if (status != 0) {
      close();
      String problem =
          switch (status) {
            case 1 -> "no beat for " + quiet + " clocks";
            case 2 -> "the design took back a beat that it had offered";
            default -> "m_axis_tlast at a wrong beat";
          };
      throw HeluException.of(
          HeluException.Kind.DEVICE_UNAVAILABLE, STAGE, problem, "report this with the network");
    }
    byte[] answer =
        new byte[Math.multiplyExact(samples * design.outputBeats(), design.outputBeatBytes())];
    responses.readFully(answer);
    byte[] times = new byte[16 * samples];
    responses.readFully(times);
    ByteBuffer buffer = ByteBuffer.wrap(times).order(ByteOrder.LITTLE_ENDIAN);
    long[] first = new long[samples];
    long[] last = new long[samples];
    for (int i = 0; i < samples; i++) {
      first[i] = buffer.getLong();
      last[i] = buffer.getLong();
    }
    clocks = new Clocks(first, last);
    return answer;
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
      process = null;
    }
  }
}
