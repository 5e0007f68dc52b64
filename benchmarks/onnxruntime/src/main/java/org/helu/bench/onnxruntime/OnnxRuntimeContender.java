package org.helu.bench.onnxruntime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.helu.bench.Contender;
import org.helu.runtime.HeluException;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * A session of ONNX Runtime. Inputs and outputs are views of helu's own tensors, made once: nothing
 * is copied or allocated for tensors in a run, which makes small networks about twice as fast.
 */
final class OnnxRuntimeContender implements Contender {
  private final OrtSession session;
  private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
  private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
  private final List<Tensor> results = new ArrayList<>();

  OnnxRuntimeContender(OrtEnvironment environment, OrtSession session, Map<String, Tensor> tensors)
      throws OrtException {
    this.session = session;
    bindInputs(environment, tensors);
    // Shapes of outputs may be symbolic in the model: a first run tells them.
    try (OrtSession.Result result = session.run(inputs)) {
      for (Map.Entry<String, OnnxValue> output : result) {
        bindOutput(environment, output.getKey(), output.getValue());
      }
    }
  }

  private void bindInputs(OrtEnvironment environment, Map<String, Tensor> tensors)
      throws OrtException {
    List<String> names = List.copyOf(session.getInputNames());
    if (names.size() != tensors.size()) {
      throw HeluException.unsupported(
          OnnxRuntimeCompetitor.STAGE,
          "expected the inputs " + tensors.keySet() + ", found " + names,
          "give the ONNX model of this network");
    }
    boolean named = tensors.keySet().containsAll(names);
    Iterator<Tensor> inOrder = tensors.values().iterator();
    for (String name : names) {
      Tensor next = inOrder.next();
      inputs.put(name, view(environment, named ? tensors.get(name) : next));
    }
  }

  private void bindOutput(OrtEnvironment environment, String name, OnnxValue value)
      throws OrtException {
    if (!(value.getInfo() instanceof TensorInfo info) || info.type != OnnxJavaType.FLOAT) {
      throw HeluException.unsupported(
          OnnxRuntimeCompetitor.STAGE,
          "output '" + name + "': expected float32, found " + value.getInfo(),
          "");
    }
    int[] dims = Arrays.stream(info.getShape()).mapToInt(Math::toIntExact).toArray();
    Tensor tensor = Tensor.zeros(TensorType.float32(dims));
    results.add(tensor);
    outputs.put(name, view(environment, tensor));
  }

  /** A tensor of ONNX Runtime in the memory of {@code tensor}. */
  private static OnnxTensor view(OrtEnvironment environment, Tensor tensor) throws OrtException {
    FloatBuffer buffer =
        tensor.data().asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer();
    Shape shape = tensor.shape();
    long[] dims = Arrays.stream(shape.dims()).asLongStream().toArray();
    return OnnxTensor.createTensor(environment, buffer, dims);
  }

  @Override
  public void run() {
    try (OrtSession.Result _ = session.run(inputs, outputs)) {
      // The outputs are in the bound tensors.
    } catch (OrtException e) {
      throw OnnxRuntimeCompetitor.problem("the model: " + e.getMessage(), e);
    }
  }

  @Override
  public List<Tensor> outputs() {
    return results;
  }

  @Override
  public void close() {
    inputs.values().forEach(OnnxTensor::close);
    outputs.values().forEach(OnnxTensor::close);
    try {
      session.close();
    } catch (OrtException e) {
      throw OnnxRuntimeCompetitor.problem("the model to its end: " + e.getMessage(), e);
    }
  }
}
