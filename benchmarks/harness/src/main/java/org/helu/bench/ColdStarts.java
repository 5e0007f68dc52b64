package org.helu.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.AtomicFile;
import org.helu.runtime.tensor.Tensor;

/**
 * Times whole processes: from the start of a JVM to the first answer of a network, with the options
 * and the class path of this JVM. Contenders take turns, as in {@link Interleaved}.
 */
final class ColdStarts {
  /**
   * One network on one runtime.
   *
   * @param nanos median over the processes
   * @param spread {@code (largest - smallest) / median}
   * @param peakResidentBytes median of the most resident memory, or -1
   * @param processes how many were started
   * @param speedup times as fast as the competitor's float network, or NaN
   */
  public record Result(
      String model,
      String mode,
      String device,
      double nanos,
      double spread,
      long peakResidentBytes,
      int processes,
      double speedup) {
    ObjectNode toJson() {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("model", model).put("mode", mode).put("device", device);
      json.put("nanos", nanos).put("spread", spread);
      json.put("peakResidentBytes", peakResidentBytes < 0 ? null : (Long) peakResidentBytes);
      json.put("processes", processes);
      return json.put("speedupVsOnnxRuntimeFp32", Double.isNaN(speedup) ? null : (Double) speedup);
    }

    /** One line for the table. */
    @Override
    public String toString() {
      return "cold start of "
          + String.join(" ", model, mode, device)
          + ": first answer after "
          + Format.nanos(nanos)
          + " (spread "
          + Format.spread(spread)
          + "), peak memory "
          + Format.bytes(peakResidentBytes)
          + (Double.isNaN(speedup) ? "" : ", " + Format.factor(speedup) + " vs ORT fp32");
    }
  }

  /** A process that can be started again and again. */
  private record Starter(String mode, String device, List<String> arguments) {}

  private final String model;
  private final List<Starter> starters = new ArrayList<>();

  ColdStarts(String model) {
    this.model = model;
  }

  void addDevice(String mode, String device, int threads, Path helu) {
    starters.add(
        new Starter(
            mode,
            device,
            List.of(ColdStart.DEVICE, device, Integer.toString(threads), helu.toString())));
  }

  void addCompetitor(
      String mode, Competitor competitor, int threads, Path onnx, Map<String, Tensor> inputs) {
    String className = competitor.getClass().getName();
    List<String> arguments =
        new ArrayList<>(
            List.of(ColdStart.COMPETITOR, className, Integer.toString(threads), onnx.toString()));
    inputs.forEach(
        (input, tensor) -> {
          List<String> dims = tensor.shape().toList().stream().map(String::valueOf).toList();
          arguments.add(input + "=" + String.join("x", dims));
        });
    starters.add(new Starter(mode, competitor.name(), arguments));
  }

  /** Starts every process {@code processes} times, after one time that does not count. */
  List<Result> measure(int processes) {
    List<Samples> times = new ArrayList<>();
    List<Samples> peaks = new ArrayList<>();
    starters.forEach(_ -> times.add(new Samples()));
    starters.forEach(_ -> peaks.add(new Samples()));
    for (int round = 0; round <= processes; round++) {
      for (int i = 0; i < starters.size(); i++) {
        start(starters.get(i), round == 0 ? new Samples() : times.get(i), peaks.get(i));
      }
    }
    double base = Double.NaN;
    for (int i = 0; i < starters.size(); i++) {
      if (starters.get(i).mode().equals(CompetitorModels.FP32)) {
        base = Samples.median(times.get(i).toArray());
      }
    }
    List<Result> results = new ArrayList<>();
    for (int i = 0; i < starters.size(); i++) {
      double[] sorted = times.get(i).sorted();
      double median = Samples.median(sorted);
      results.add(
          new Result(
              model,
              starters.get(i).mode(),
              starters.get(i).device(),
              median,
              (sorted[sorted.length - 1] - sorted[0]) / median,
              (long) Samples.median(peaks.get(i).toArray()),
              processes,
              base / median));
    }
    return results;
  }

  private void start(Starter starter, Samples times, Samples peaks) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(ColdStart.class.getName());
    command.addAll(starter.arguments());
    String last = "";
    try {
      long start = System.nanoTime();
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      try (BufferedReader lines = process.inputReader()) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.startsWith(ColdStart.ANSWERED + " ")) {
            times.add(System.nanoTime() - start);
            peaks.add(Long.parseLong(line.substring(ColdStart.ANSWERED.length() + 1)));
            process.waitFor();
            return;
          }
          last = line.startsWith("\tat ") || line.startsWith("WARNING") ? last : line;
        }
      }
    } catch (IOException e) {
      throw HeluException.io(Benchmark.STAGE, "cannot start a JVM: " + AtomicFile.reason(e), "", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw HeluException.io(Benchmark.STAGE, "interrupted", "", e);
    }
    throw HeluException.of(
        HeluException.Kind.UNSUPPORTED,
        Benchmark.STAGE,
        "cold start of " + model + " on " + starter.device() + " gave no answer: " + last,
        "");
  }
}
