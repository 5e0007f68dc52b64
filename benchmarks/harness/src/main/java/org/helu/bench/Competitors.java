package org.helu.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.helu.runtime.HeluException;

/** Looks competitors up by name. */
final class Competitors {
  private Competitors() {}

  /**
   * The competitor of that name.
   *
   * @throws HeluException if there is none on the class path
   */
  static Competitor named(String name) {
    List<String> known = new ArrayList<>();
    for (Competitor competitor : ServiceLoader.load(Competitor.class)) {
      if (competitor.name().equals(name)) {
        return competitor;
      }
      known.add(competitor.name());
    }
    throw HeluException.invalid(
        Benchmark.STAGE,
        "no competitor '"
            + name
            + "' on the class path, found "
            + (known.isEmpty() ? "none" : String.join(", ", known)),
        "start `./helu bench --against onnxruntime` of a source tree, which builds it, or add"
            + " helu-bench-onnxruntime.jar and onnxruntime.jar to the class path");
  }
}
