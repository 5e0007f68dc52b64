package org.helu.compiler.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/** Runs a model of one float input and one float output on ONNX Runtime, unoptimized. */
final class OnnxRuntime {
  private OnnxRuntime() {}

  static Tensor run(byte[] model, String input, Tensor x) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      // Without fusions, so that each op is compared as the model states it.
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
      options.setIntraOpNumThreads(1);
      try (OrtSession session = environment.createSession(model, options);
          OnnxTensor tensor = tensor(environment, x);
          OrtSession.Result result = session.run(Map.of(input, tensor))) {
        OnnxTensor y = (OnnxTensor) result.get(0);
        long[] dims = y.getInfo().getShape();
        float[] values = new float[y.getFloatBuffer().remaining()];
        y.getFloatBuffer().get(values);
        return Tensor.ofFloats(
            Shape.of(Arrays.stream(dims).mapToInt(Math::toIntExact).toArray()), values);
      }
    }
  }

  private static OnnxTensor tensor(OrtEnvironment environment, Tensor x) throws OrtException {
    long[] dims = Arrays.stream(x.shape().dims()).asLongStream().toArray();
    return OnnxTensor.createTensor(environment, FloatBuffer.wrap(x.toFloats()), dims);
  }
}
