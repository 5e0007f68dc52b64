package org.helu.runtime.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.tensor.TensorType;

/**
 * Everything but the tensors' bytes.
 *
 * @param nodeTypes the type of each node's output as the file declares it, in the order of nodes
 */
record Header(
    String name,
    Provenance provenance,
    List<GraphInput> inputs,
    List<String> outputs,
    List<Node> nodes,
    List<TensorType> nodeTypes,
    List<TensorEntry> tensors) {

  private static final int SHA256_DIGITS = 64;

  /** The header of a graph whose tensors are laid out as {@code tensors}. */
  static ObjectNode encode(BinarizedGraph binarized, List<TensorEntry> tensors) {
    Graph graph = binarized.graph();
    ObjectNode header = JsonNodeFactory.instance.objectNode();
    header.put("name", graph.name());
    Provenance provenance = binarized.provenance();
    ObjectNode source = header.putObject("provenance");
    source.put("sourceSha256", provenance.sourceSha256());
    source.put("mode", provenance.mode());
    source.put("compilerVersion", provenance.compilerVersion());
    source.set("alpha", TypeCodec.number(provenance.alpha()));
    if (provenance.certificate() != null) {
      source.set("certificate", CertificateCodec.encode(provenance.certificate()));
    }
    ArrayNode inputs = header.putArray("inputs");
    for (GraphInput input : graph.inputs()) {
      ObjectNode json = inputs.addObject();
      json.put("name", input.name());
      TypeCodec.put(json, input.type());
      json.set("range", TypeCodec.range(input.range()));
    }
    putTexts(header, "outputs", graph.outputs());
    ArrayNode nodes = header.putArray("nodes");
    for (Node node : graph.nodes()) {
      DeviceOp op = BinarizedGraph.op(node);
      ObjectNode json = nodes.addObject();
      json.put("name", node.name());
      json.put("op", op.name());
      json.set("attributes", OpCodec.encode(op));
      putTexts(json, "inputs", node.inputs());
      json.put("output", node.output());
      TypeCodec.put(json.putObject("type"), graph.type(node.output()));
      putTexts(json, "origins", node.origins());
    }
    ArrayNode table = header.putArray("tensors");
    for (TensorEntry tensor : tensors) {
      ObjectNode json = table.addObject();
      json.put("name", tensor.name());
      TypeCodec.put(json, tensor.type());
      json.put("offset", tensor.offset());
      json.put("length", tensor.length());
      json.put("sha256", tensor.sha256());
    }
    return header;
  }

  /** Reads a header's tree; fields are complete and of the right types afterwards. */
  static Header decode(JsonNode tree) {
    JsonFields fields = new JsonFields(tree, "");
    String name = fields.text("name");
    Provenance provenance = provenance(fields.object("provenance"));
    List<GraphInput> inputs = new ArrayList<>();
    for (JsonFields input : fields.objects("inputs")) {
      inputs.add(
          new GraphInput(
              input.text("name"), TypeCodec.type(input), TypeCodec.range(input, "range")));
      input.done();
    }
    List<String> outputs = fields.texts("outputs");
    List<Node> nodes = new ArrayList<>();
    List<TensorType> nodeTypes = new ArrayList<>();
    for (JsonFields node : fields.objects("nodes")) {
      DeviceOp op = OpCodec.decode(node.text("op"), node.object("attributes"), node.place("op"));
      nodes.add(
          new Node(
              node.text("name"),
              op,
              node.texts("inputs"),
              node.text("output"),
              node.texts("origins")));
      JsonFields type = node.object("type");
      nodeTypes.add(TypeCodec.type(type));
      type.done();
      node.done();
    }
    List<TensorEntry> tensors = new ArrayList<>();
    for (JsonFields tensor : fields.objects("tensors")) {
      tensors.add(
          new TensorEntry(
              tensor.text("name"),
              TypeCodec.type(tensor),
              tensor.length("offset"),
              tensor.length("length"),
              sha256(tensor, "sha256")));
      tensor.done();
    }
    fields.done();
    return new Header(name, provenance, inputs, outputs, nodes, nodeTypes, tensors);
  }

  private static Provenance provenance(JsonFields fields) {
    String source = fields.text("sourceSha256");
    Provenance provenance =
        new Provenance(
            source.isEmpty() ? source : sha256(fields, "sourceSha256"),
            fields.text("mode"),
            fields.text("compilerVersion"),
            fields.float32("alpha"),
            fields.has("certificate")
                ? CertificateCodec.decode(fields.object("certificate"))
                : null);
    fields.done();
    return provenance;
  }

  static String sha256(JsonFields fields, String name) {
    String text = fields.text(name);
    if (!isSha256(text)) {
      throw new FormatException(
          fields.place(name)
              + ": expected 64 lower-case hex digits, found "
              + JsonFields.quote(text));
    }
    return text;
  }

  private static boolean isSha256(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return text.length() == SHA256_DIGITS;
  }

  private static void putTexts(ObjectNode object, String name, List<String> texts) {
    ArrayNode array = object.putArray(name);
    texts.forEach(array::add);
  }
}
