package org.helu.compiler.onnx;

import java.util.Map;
import java.util.Objects;
import org.helu.runtime.graph.Graph;

/**
 * A model as read, before any pass.
 *
 * @param graph float ops, NCHW
 * @param sha256 SHA-256 of the model file in lower-case hex
 * @param alpha HeLU's hysteresis offset if the model tells one for all gates, else NaN
 * @param metadata the model's own key-value pairs
 */
public record ImportedModel(Graph graph, String sha256, float alpha, Map<String, String> metadata) {
  public ImportedModel {
    Objects.requireNonNull(graph);
    Objects.requireNonNull(sha256);
    metadata = Map.copyOf(metadata);
  }
}
