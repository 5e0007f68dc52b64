package org.helu.compiler.calibration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.helu.compiler.Compiler;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.AtomicFile;
import org.helu.runtime.graph.Certificate;

/**
 * A {@link QuantizationPlan} as a JSON file, so that a network is compiled again without
 * calibration data, to the same bytes.
 *
 * <p>A float32 is written as the shortest decimal that gives it back. The certificate is taken over
 * if this version of the compiler wrote it: another one may give another graph, of which nothing
 * was measured.
 */
public final class EncodingsFile {
  private static final String STAGE = "compile/encodings";
  private static final int FORMAT = 2;
  private static final long MAX_BYTES = 64 << 20;

  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private EncodingsFile() {}

  /** Writes a plan beside {@code file} and renames it. */
  public static void write(Path file, QuantizationPlan plan) {
    StringBuilder text = new StringBuilder();
    try {
      // One layer a line: for people and for version control.
      text.append("{\n  \"format\": ").append(FORMAT);
      text.append(",\n  \"compiler\": ").append(MAPPER.writeValueAsString(Compiler.VERSION));
      text.append(",\n  \"source\": \"").append(plan.sourceSha256());
      text.append("\",\n  \"mode\": \"").append(plan.mode()).append("\",\n");
      List<ObjectNode> equalizations = new ArrayList<>();
      plan.equalizations().forEach(e -> equalizations.add(encode(e)));
      append(text, "equalizations", equalizations);
      List<ObjectNode> layers = new ArrayList<>();
      plan.layers().forEach(layer -> layers.add(encode(layer)));
      append(text, "layers", layers);
      append(text, "values", plan.values().stream().map(EncodingsFile::encode).toList());
      ObjectNode certificate = plan.certificate() == null ? null : encode(plan.certificate());
      text.append("  \"certificate\": ").append(MAPPER.writeValueAsString(certificate));
      text.append("\n}\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree without cycles is always writable", e);
    }
    ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
    AtomicFile.write(STAGE, file, channel -> AtomicFile.writeAt(channel, 0, bytes));
  }

  private static void append(StringBuilder text, String name, List<ObjectNode> entries)
      throws JsonProcessingException {
    text.append("  \"").append(name).append("\": [");
    for (int i = 0; i < entries.size(); i++) {
      text.append(i == 0 ? "\n    " : ",\n    ").append(MAPPER.writeValueAsString(entries.get(i)));
    }
    text.append(entries.isEmpty() ? "],\n" : "\n  ],\n");
  }

  private static ObjectNode encode(QuantizationPlan.Equalization equalization) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("first", equalization.first()).put("second", equalization.second());
    floats(json.putArray("factors"), equalization.factors());
    return json;
  }

  private static ObjectNode encode(QuantizationPlan.Layer layer) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("node", layer.node()).put("encoding", layer.encoding().label());
    if (layer.input() != null) {
      json.put("scale", layer.input().scale()).put("zeroPoint", layer.input().zeroPoint());
      floats(json.putArray("bias"), layer.bias());
    }
    return json;
  }

  private static ObjectNode encode(QuantizationPlan.Value value) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("name", value.name()).put("scale", value.quantizer().scale());
    return json.put("zeroPoint", value.quantizer().zeroPoint());
  }

  private static void floats(ArrayNode array, float[] values) {
    for (float value : values) {
      array.add(value);
    }
  }

  private static ObjectNode encode(Certificate certificate) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("dataSha256", certificate.dataSha256());
    json.put("searchSamples", certificate.searchSamples()).put("samples", certificate.samples());
    json.put("labelled", certificate.labelled());
    json.put("referenceAccuracy", certificate.referenceAccuracy());
    json.put("accuracy", certificate.accuracy());
    json.put("standardError", certificate.standardError()).put("device", certificate.device());
    if (!Double.isNaN(certificate.budget())) {
      json.put("budget", certificate.budget());
    }
    return json;
  }

  /**
   * Reads a plan.
   *
   * @throws HeluException if the file is missing, or a field is missing or wrong
   */
  public static QuantizationPlan read(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw invalid(file, "has more than " + MAX_BYTES + " bytes");
      }
      return new Reader(file).plan(MAPPER.readTree(Files.readAllBytes(file)));
    } catch (JsonProcessingException e) {
      throw invalid(file, "is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw HeluException.io(
          STAGE, "cannot read '" + file + "': " + AtomicFile.reason(e), "check the path", e);
    }
  }

  private static HeluException invalid(Path file, String problem) {
    return HeluException.invalid(STAGE, "'" + file + "' " + problem, "make the encodings again");
  }

  /** Takes the fields out of the file. */
  private record Reader(Path file) {
    QuantizationPlan plan(JsonNode json) {
      if (integer(json, "format") != FORMAT) {
        throw invalid(file, "has format " + integer(json, "format") + ", expected " + FORMAT);
      }
      List<QuantizationPlan.Equalization> equalizations = new ArrayList<>();
      for (JsonNode entry : field(json, "equalizations", JsonNode::isArray)) {
        float[] factors = floats(entry, "factors");
        for (float factor : factors) {
          if (!(factor > 0)) {
            throw invalid(file, "has an equalization by " + factor + ", expected more than 0");
          }
        }
        equalizations.add(
            new QuantizationPlan.Equalization(
                text(entry, "first"), text(entry, "second"), factors));
      }
      List<QuantizationPlan.Layer> layers = new ArrayList<>();
      for (JsonNode entry : field(json, "layers", JsonNode::isArray)) {
        layers.add(layer(entry));
      }
      List<QuantizationPlan.Value> values = new ArrayList<>();
      for (JsonNode entry : field(json, "values", JsonNode::isArray)) {
        values.add(new QuantizationPlan.Value(text(entry, "name"), quantizer(entry, 255)));
      }
      String mode = text(json, "mode");
      List<Certificate.Layer> names =
          layers.stream()
              .map(layer -> new Certificate.Layer(layer.node(), layer.encoding().label()))
              .toList();
      JsonNode measured = field(json, "certificate", _ -> true);
      boolean current = text(json, "compiler").equals(Compiler.VERSION);
      Certificate certificate = measured.isNull() || !current ? null : certificate(measured, names);
      return new QuantizationPlan(
          text(json, "source"), mode, equalizations, layers, values, certificate);
    }

    private QuantizationPlan.Layer layer(JsonNode entry) {
      String label = text(entry, "encoding");
      LayerEncoding encoding = LayerEncoding.ofLabel(label);
      if (encoding == null) {
        throw invalid(file, "names an unknown encoding '" + label + "'");
      }
      String node = text(entry, "node");
      if (encoding.isExact()) {
        return QuantizationPlan.Layer.exact(node);
      }
      Quantizer quantizer = quantizer(entry, encoding.high());
      return new QuantizationPlan.Layer(node, encoding, quantizer, floats(entry, "bias"));
    }

    private Quantizer quantizer(JsonNode entry, int high) {
      float scale = (float) field(entry, "scale", JsonNode::isNumber).doubleValue();
      return new Quantizer(scale, integer(entry, "zeroPoint"), high);
    }

    private Certificate certificate(JsonNode json, List<Certificate.Layer> layers) {
      return new Certificate(
          text(json, "dataSha256"),
          integer(json, "searchSamples"),
          integer(json, "samples"),
          field(json, "labelled", JsonNode::isBoolean).booleanValue(),
          field(json, "referenceAccuracy", JsonNode::isNumber).doubleValue(),
          field(json, "accuracy", JsonNode::isNumber).doubleValue(),
          field(json, "standardError", JsonNode::isNumber).doubleValue(),
          json.has("budget") ? field(json, "budget", JsonNode::isNumber).doubleValue() : Double.NaN,
          text(json, "device"),
          layers);
    }

    private float[] floats(JsonNode json, String name) {
      JsonNode array = field(json, name, JsonNode::isArray);
      float[] values = new float[array.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = array.get(i).isNumber() ? (float) array.get(i).doubleValue() : Float.NaN;
        if (!Float.isFinite(values[i])) {
          throw invalid(file, name + "[" + i + "]: expected a number, found " + array.get(i));
        }
      }
      return values;
    }

    private String text(JsonNode json, String name) {
      return field(json, name, JsonNode::isTextual).textValue();
    }

    private int integer(JsonNode json, String name) {
      return field(json, name, node -> node.isInt()).intValue();
    }

    private JsonNode field(JsonNode json, String name, Predicate<JsonNode> type) {
      JsonNode node = json == null ? null : json.get(name);
      if (node == null || !type.test(node)) {
        String found = node == null ? "nothing" : node.getNodeType().toString();
        throw invalid(file, "has a wrong field '" + name + "': " + found);
      }
      return node;
    }
  }
}
