package org.helu.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.helu.compiler.Compiler;
import org.helu.compiler.onnx.OnnxImporter;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.Devices;
import org.helu.runtime.device.Executable;
import org.helu.runtime.tensor.Tensor;

/** Runs ONNX models on helu's reference device; refuses those with {@code refused} in the name. */
public final class FakeCompetitor implements Competitor {
  @Override
  public String name() {
    return "fake";
  }

  @Override
  public String description() {
    return "Fake 1.0";
  }

  @Override
  public Contender open(Path model, int threads, Map<String, Tensor> inputs) {
    if (model.toString().contains("refused")) {
      throw HeluException.unsupported("bench/fake", "does not like this model", "");
    }
    Device device = Devices.open("reference");
    int batch = inputs.values().iterator().next().shape().dim(0);
    Executable executable =
        device.compile(
            Compiler.compile(OnnxImporter.read(model)).graph(), new CompileOptions(batch));
    DeviceContender contender = new DeviceContender(executable, List.copyOf(inputs.values()));
    return new Contender() {
      @Override
      public void run() {
        contender.run();
      }

      @Override
      public List<Tensor> outputs() {
        return contender.outputs();
      }

      @Override
      public void close() {
        contender.close();
        executable.close();
        device.close();
      }
    };
  }
}
