package org.helu.runtime.format;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.graph.Certificate;

/** A certificate as JSON. */
final class CertificateCodec {
  private CertificateCodec() {}

  static ObjectNode encode(Certificate certificate) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("dataSha256", certificate.dataSha256());
    json.put("searchSamples", certificate.searchSamples());
    json.put("samples", certificate.samples());
    json.put("labelled", certificate.labelled());
    json.put("referenceAccuracy", certificate.referenceAccuracy());
    json.put("accuracy", certificate.accuracy());
    json.put("standardError", certificate.standardError());
    if (Double.isNaN(certificate.budget())) {
      json.put("budget", "NaN");
    } else {
      json.put("budget", certificate.budget());
    }
    json.put("device", certificate.device());
    ArrayNode layers = json.putArray("layers");
    for (Certificate.Layer layer : certificate.layers()) {
      layers.addObject().put("node", layer.node()).put("encoding", layer.encoding());
    }
    return json;
  }

  static Certificate decode(JsonFields fields) {
    List<Certificate.Layer> layers = new ArrayList<>();
    for (JsonFields layer : fields.objects("layers")) {
      layers.add(new Certificate.Layer(layer.text("node"), layer.text("encoding")));
      layer.done();
    }
    Certificate certificate =
        new Certificate(
            Header.sha256(fields, "dataSha256"),
            count(fields, "searchSamples"),
            count(fields, "samples"),
            fields.bool("labelled"),
            fraction(fields, "referenceAccuracy"),
            fraction(fields, "accuracy"),
            fraction(fields, "standardError"),
            fields.float64("budget"),
            fields.text("device"),
            layers);
    fields.done();
    return certificate;
  }

  private static int count(JsonFields fields, String name) {
    int count = fields.integer(name);
    if (count < 0) {
      throw new FormatException(fields.place(name) + ": expected at least 0, found " + count);
    }
    return count;
  }

  private static double fraction(JsonFields fields, String name) {
    double value = fields.float64(name);
    if (!(value >= 0 && value <= 1)) {
      throw new FormatException(fields.place(name) + ": expected 0 to 1, found " + value);
    }
    return value;
  }
}
