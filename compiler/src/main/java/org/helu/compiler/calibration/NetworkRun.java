package org.helu.compiler.calibration;

import java.util.List;
import org.helu.compiler.Compiler;
import org.helu.compiler.pass.Pass;
import org.helu.compiler.pass.PassLog;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.tensor.Tensor;

/** Lowers float graphs as the compiler does, and runs them on a device over calibration data. */
final class NetworkRun {
  /** Samples a call: enough to amortize it, few enough for the values that calibration taps. */
  private static final int BATCH = 32;

  private NetworkRun() {}

  /** Sees the outputs of a part. */
  @FunctionalInterface
  interface Part {
    /**
     * @param first index of the part's first sample
     * @param outputs owned by the session, valid during the call
     */
    void outputs(int first, List<Tensor> outputs);
  }

  /** The graph that devices run. */
  static BinarizedGraph lower(Graph graph) {
    PassLog quiet = new PassLog();
    Graph current = graph;
    for (Pass pass : Compiler.passesAfterCalibration()) {
      current = pass.apply(current, quiet);
    }
    return new BinarizedGraph(current, Provenance.NONE);
  }

  /** Runs all samples. */
  static void forEach(Device device, BinarizedGraph graph, CalibrationData data, Part part) {
    try (Executable executable = device.compile(graph, new CompileOptions(BATCH));
        Session session = executable.newSession()) {
      for (int first = 0; first < data.count(); first += BATCH) {
        int count = Math.min(BATCH, data.count() - first);
        part.outputs(first, session.run(List.of(data.rows(first, count))));
      }
    }
  }

  /** The first output for all samples, row by row. */
  static float[][] logits(Device device, BinarizedGraph graph, CalibrationData data) {
    float[][] logits = new float[data.count()][];
    forEach(
        device,
        graph,
        data,
        (first, outputs) -> {
          Tensor output = outputs.getFirst();
          int rows = output.shape().dim(0);
          int width = Math.toIntExact(output.elements() / rows);
          for (int row = 0; row < rows; row++) {
            float[] values = new float[width];
            for (int c = 0; c < width; c++) {
              values[c] = output.getFloat((long) row * width + c);
            }
            logits[first + row] = values;
          }
        });
    return logits;
  }
}
