package org.helu.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.stream.Collectors;
import org.helu.runtime.graph.Certificate;

/** What was measured when a float network was lowered to few bits. */
final class Certificates {
  private Certificates() {}

  static String line(Certificate certificate) {
    String what = certificate.labelled() ? "accuracy" : "top-1 agreement with the float network";
    return String.format(
        Locale.ROOT,
        "certified on %d samples that chose nothing: %s %s, float network %s, lost %.2f +- %.2f points%s",
        certificate.samples(),
        what,
        Units.percent(certificate.accuracy()),
        Units.percent(certificate.referenceAccuracy()),
        100 * certificate.drop(),
        100 * certificate.standardError(),
        Double.isNaN(certificate.budget())
            ? ""
            : String.format(Locale.ROOT, " of %.2f", 100 * certificate.budget()));
  }

  static void print(PrintWriter out, Certificate certificate) {
    out.println("certificate:");
    out.println("  " + line(certificate));
    out.printf("  %-22s %s%n", "data SHA-256", certificate.dataSha256());
    out.printf("  %-22s %d%n", "samples that chose", certificate.searchSamples());
    out.printf("  %-22s %s%n", "measured on", certificate.device());
    String layers =
        certificate.layers().stream()
            .map(layer -> layer.node() + " " + layer.encoding())
            .collect(Collectors.joining(", "));
    out.printf("  %-22s %s%n", "encodings", layers);
  }

  static ObjectNode toJson(Certificate certificate) {
    ObjectNode json = Json.object();
    json.put("dataSha256", certificate.dataSha256());
    json.put("searchSamples", certificate.searchSamples());
    json.put("samples", certificate.samples());
    json.put("labelled", certificate.labelled());
    json.put("referenceAccuracy", certificate.referenceAccuracy());
    json.put("accuracy", certificate.accuracy());
    json.put("drop", certificate.drop()).put("standardError", certificate.standardError());
    if (!Double.isNaN(certificate.budget())) {
      json.put("budget", certificate.budget());
    }
    json.put("device", certificate.device());
    ArrayNode layers = json.putArray("layers");
    for (Certificate.Layer layer : certificate.layers()) {
      layers.addObject().put("node", layer.node()).put("encoding", layer.encoding());
    }
    return json;
  }
}
