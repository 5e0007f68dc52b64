package org.helu.bench;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.helu.bench.system.SystemFiles;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.Devices;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.format.HeluFile;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * The child of {@link ColdStarts}: loads a network, computes one answer, says so and ends. Does no
 * more than a user's program would.
 */
public final class ColdStart {
  static final String DEVICE = "device";
  static final String COMPETITOR = "competitor";

  /** Begins the line that tells the parent. */
  static final String ANSWERED = "answered";

  private ColdStart() {}

  /**
   * Arguments: {@code device NAME THREADS MODEL.helu} or {@code competitor CLASS THREADS MODEL.onnx
   * INPUT=DIMxDIM…}. A class, since looking for services would open the jars of the whole command,
   * which a program of one's own has not.
   */
  public static void main(String[] arguments) {
    String name = arguments[1];
    int threads = Integer.parseInt(arguments[2]);
    Path model = Path.of(arguments[3]);
    if (arguments[0].equals(DEVICE)) {
      runDevice(name, threads, model);
    } else {
      runCompetitor(name, threads, model, List.of(arguments).subList(4, arguments.length));
    }
    System.exit(0);
  }

  private static void runDevice(String name, int threads, Path model) {
    BinarizedGraph graph = HeluFile.read(model);
    Device device = Devices.open(name, new DeviceOptions(threads));
    Executable executable = device.compile(graph, new CompileOptions(1));
    Session session = executable.newSession();
    List<Tensor> inputs =
        graph.graph().inputs().stream()
            .map(input -> Tensor.zeros(input.type().withBatch(1)))
            .toList();
    session.run(inputs);
    answered();
  }

  private static void runCompetitor(
      String className, int threads, Path model, List<String> descriptions) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (String description : descriptions) {
      int split = description.lastIndexOf('=');
      String[] dims = description.substring(split + 1).split("x");
      int[] shape = new int[dims.length];
      for (int i = 0; i < dims.length; i++) {
        shape[i] = Integer.parseInt(dims[i]);
      }
      inputs.put(description.substring(0, split), Tensor.zeros(TensorType.float32(shape)));
    }
    competitor(className).open(model, threads, inputs).run();
    answered();
  }

  private static Competitor competitor(String className) {
    try {
      return (Competitor) Class.forName(className).getConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(className, e);
    }
  }

  private static void answered() {
    System.out.println(ANSWERED + " " + SystemFiles.host().peakResidentBytes().orElse(-1));
    System.out.flush();
  }
}
