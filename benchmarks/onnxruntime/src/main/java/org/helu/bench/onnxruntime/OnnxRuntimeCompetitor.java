package org.helu.bench.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.nio.file.Path;
import java.util.Map;
import org.helu.bench.Competitor;
import org.helu.bench.Contender;
import org.helu.runtime.HeluException;
import org.helu.runtime.tensor.Tensor;

/**
 * ONNX Runtime on its CPU provider: all graph optimizations, sequential execution, and the given
 * number of threads inside of an operator.
 */
public final class OnnxRuntimeCompetitor implements Competitor {
  static final String STAGE = "bench/onnxruntime";

  /** For {@link java.util.ServiceLoader}. */
  public OnnxRuntimeCompetitor() {}

  @Override
  public String name() {
    return "onnxruntime";
  }

  @Override
  public String description() {
    return "ONNX Runtime " + environment().getVersion() + ", CPU provider";
  }

  @Override
  public Contender open(Path model, int threads, Map<String, Tensor> inputs) {
    OrtSession session = null;
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      session = environment().createSession(model.toString(), options);
      return new OnnxRuntimeContender(environment(), session, inputs);
    } catch (OrtException | RuntimeException e) {
      close(session);
      throw problem(model.getFileName() + ": " + e.getMessage(), e);
    }
  }

  /** The process has one; warnings about a model would go to standard output. */
  private static OrtEnvironment environment() {
    return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "helu-bench");
  }

  private static void close(OrtSession session) {
    try {
      if (session != null) {
        session.close();
      }
    } catch (OrtException _) {
      // The first problem is the one to tell.
    }
  }

  static HeluException problem(String text, Throwable cause) {
    return HeluException.of(
        HeluException.Kind.UNSUPPORTED, STAGE, "ONNX Runtime does not run " + text, "", cause);
  }
}
