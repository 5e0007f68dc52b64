package org.helu.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * One network on one runtime.
 *
 * @param key what was measured
 * @param timing steady times
 * @param start times before that
 * @param size bytes
 * @param work what a sample takes, or null for a competitor, whose graph is not known
 * @param fp32 the competitor running the float network, see {@link Versus}
 * @param int8 the competitor running the quantized network
 * @param accuracy fraction of test images classified as labelled, or NaN where there are none
 * @param images how many of them
 * @param note what of a competitor's model is not plain, or empty
 * @param layers steady time of each layer; empty where that was not measured
 */
record BenchRow(
    Key key,
    Timing timing,
    Start start,
    Size size,
    Network work,
    Versus fp32,
    Versus int8,
    double accuracy,
    int images,
    String note,
    List<LayerTime> layers) {

  /** What tells one row from another. */
  record Key(String model, String mode, String device, int batch, int threads) {}

  /**
   * Times before the steady ones.
   *
   * @param compileNanos ONNX to .helu, once for all devices; 0 if the network came compiled
   * @param loadNanos reading the file
   * @param prepareNanos packing weights, planning memory, generating code
   * @param firstRunNanos opening a session and its first run
   */
  record Start(long compileNanos, long loadNanos, long prepareNanos, long firstRunNanos) {}

  /**
   * Bytes; -1 is unknown.
   *
   * @param fileBytes the model's file
   * @param weightBytes weights as the device holds them
   * @param sessionBytes working memory of one session
   * @param residentBytes the whole process after measuring, all contenders of the row included
   */
  record Size(long fileBytes, long weightBytes, long sessionBytes, long residentBytes) {}

  /**
   * A row beside a competitor.
   *
   * @param speedup how many times as fast the row is, or NaN
   * @param maxAbsDiff largest difference of an output, or NaN
   * @param reason why there is no speed-up, or empty
   */
  record Versus(double speedup, double maxAbsDiff, String reason) {
    static Versus none(String reason) {
      return new Versus(Double.NaN, Double.NaN, reason);
    }
  }

  /**
   * A layer's time.
   *
   * @param nanos median time of a run of the row's batch
   * @param work what the layer does for one sample
   */
  record LayerTime(double nanos, LayerWork work) {}

  BenchRow withAccuracy(double newAccuracy, int newImages) {
    return new BenchRow(
        key, timing, start, size, work, fp32, int8, newAccuracy, newImages, note, layers);
  }

  double samplesPerSecond() {
    return key.batch() * 1e9 / timing.p50Nanos();
  }

  double joulesPerInference() {
    return timing.joulesPerRun() / key.batch();
  }

  /** JSON of docs/bench.md. */
  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("model", key.model()).put("mode", key.mode()).put("device", key.device());
    json.put("batch", key.batch()).put("threads", key.threads());
    put(json, "p50Nanos", timing.p50Nanos());
    put(json, "p90Nanos", timing.p90Nanos());
    put(json, "p99Nanos", timing.p99Nanos());
    json.put("firstRunNanos", start.firstRunNanos());
    put(json, "speedupVsOnnxRuntimeFp32", fp32.speedup());
    put(json, "speedupVsOnnxRuntimeInt8", int8.speedup());
    putReason(json, "note", note);
    putReason(json, "speedupVsOnnxRuntimeFp32Reason", fp32.reason());
    putReason(json, "speedupVsOnnxRuntimeInt8Reason", int8.reason());
    put(json, "maxAbsDiffVsOnnxRuntimeFp32", fp32.maxAbsDiff());
    put(json, "samplesPerSecond", samplesPerSecond());
    put(json, "spread", timing.spread());
    ArrayNode rounds = json.putArray("roundMedianNanos");
    for (double median : timing.roundMedianNanos()) {
      rounds.add(round(median));
    }
    json.put("runs", timing.runs()).put("runsPerTiming", timing.runsPerTiming());
    json.put("warmUpNanos", timing.warmUpNanos()).put("stable", timing.stable());
    json.put("compileNanos", start.compileNanos()).put("loadNanos", start.loadNanos());
    json.put("prepareNanos", start.prepareNanos());
    putBytes(json, "fileBytes", size.fileBytes());
    putBytes(json, "weightBytes", size.weightBytes());
    putBytes(json, "sessionBytes", size.sessionBytes());
    putBytes(json, "residentBytes", size.residentBytes());
    putBytes(json, "macs", work == null ? -1 : work.macs());
    putBytes(json, "bitOps", work == null ? -1 : work.bitOps());
    put(json, "joulesPerInference", joulesPerInference());
    put(json, "accuracy", accuracy);
    json.put("accuracyImages", images);
    ArrayNode entries = json.putArray("layers");
    layers.forEach(layer -> entries.add(toJson(layer, key.batch())));
    return json;
  }

  private static ObjectNode toJson(LayerTime layer, int batch) {
    LayerWork work = layer.work();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("node", work.node()).put("op", work.op()).put("kind", work.kind());
    put(json, "nanos", layer.nanos());
    json.put("operations", work.operations() * batch).put("bytes", work.bytes(batch));
    json.put("activationBits", work.activationBits()).put("weightBits", work.weightBits());
    return json;
  }

  private static void put(ObjectNode json, String name, double value) {
    if (Double.isFinite(value)) {
      json.put(name, Math.abs(value) < 100 ? value : round(value));
    } else {
      json.putNull(name);
    }
  }

  /** Parts of a nanosecond beyond the first digit are noise. */
  private static double round(double value) {
    return Math.rint(value * 10) / 10;
  }

  private static void putBytes(ObjectNode json, String name, long value) {
    json.put(name, value < 0 ? null : (Long) value);
  }

  private static void putReason(ObjectNode json, String name, String reason) {
    if (!reason.isEmpty()) {
      json.put(name, reason);
    }
  }
}
