package org.helu.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What was asked for and not measured.
 *
 * @param model the network, or empty if it was none in particular
 * @param mode how it was to be lowered, or empty
 * @param device the device or competitor, or empty
 * @param reason why, with the remedy
 */
public record Skipped(String model, String mode, String device, String reason) {
  ObjectNode toJson() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("model", model)
        .put("mode", mode)
        .put("device", device)
        .put("reason", reason);
  }

  /** Names and reason in one line. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (String part : new String[] {model, mode, device}) {
      text.append(part.isEmpty() || text.isEmpty() ? "" : " ").append(part);
    }
    return text.append(": skipped, ").append(reason).toString();
  }
}
