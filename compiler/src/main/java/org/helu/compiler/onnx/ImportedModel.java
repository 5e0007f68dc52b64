package org.helu.compiler.onnx;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.helu.runtime.graph.Graph;

/**
 * A model as read from ONNX, before any pass.
 *
 * @param graph float ops and layout-neutral ops; values keep their ONNX names
 * @param sha256 SHA-256 of the model file in lower-case hex, external data not included
 * @param alpha HeLU's hysteresis offset if all gates share one, else NaN (unknown or mixed)
 * @param metadata the model's {@code metadata_props} in file order
 */
public record ImportedModel(Graph graph, String sha256, float alpha, Map<String, String> metadata) {
  public ImportedModel {
    Objects.requireNonNull(graph);
    Objects.requireNonNull(sha256);
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }
}
