package org.helu.compiler.onnx;

import static org.helu.compiler.onnx.ModelBuilder.attr;
import static org.helu.compiler.onnx.ModelBuilder.attrs;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.List;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.graph.Range;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.Test;

/**
 * What conformance and differential tests do not reach: alpha, functions, symbolic batch, names.
 */
class OnnxImporterTest {
  private static NodeProto.Builder node(String opType, String name, String in, String out) {
    return NodeProto.newBuilder().setOpType(opType).setName(name).addInput(in).addOutput(out);
  }

  private static ImportedModel read(ModelBuilder model) {
    return OnnxImporter.read(model.bytes(), null);
  }

  private static float[] run(Graph graph, Shape shape, float... values) {
    return new Interpreter(graph).run(List.of(Tensor.ofFloats(shape, values))).get(0).toFloats();
  }

  private static float alphaOf(Graph graph, String value) {
    return ((FloatOp.Helu) graph.producer(value).op()).alpha();
  }

  private static FunctionProto.Builder function(String domain, String name) {
    return FunctionProto.newBuilder()
        .setDomain(domain)
        .setName(name)
        .addInput("a")
        .addOutput("b")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(18));
  }

  @Test
  void alphaStandsInNodeMetadata() {
    ModelBuilder model = new ModelBuilder(18, 0);
    model.input("x", "N", 2);
    model.node(
        node("Relu", "r", "x", "y").addMetadataProps(ModelBuilder.entry("helu.alpha", "0.25")));
    ImportedModel imported = read(model.output("y").metadata("helu.alpha", "0.5"));
    assertEquals(0.25f, alphaOf(imported.graph(), "y"));
    assertEquals(0.25f, imported.alpha());
  }

  @Test
  void alphaStandsInModelMetadata() {
    ModelBuilder model = new ModelBuilder(18, 0).metadata("helu.alpha", "0.05");
    model.input("x", "N", 2);
    model.node(node("Relu", "r", "x", "y"));
    ImportedModel imported = read(model.output("y"));
    assertEquals(0.05f, alphaOf(imported.graph(), "y"));
    assertEquals(0.05f, imported.alpha());
    assertEquals("0.05", imported.metadata().get("helu.alpha"));
  }

  @Test
  void alphaStandsInTheHeluFunction() {
    ModelBuilder model = new ModelBuilder(18, 0).opset("helu", 1);
    model.input("x", "N", 2);
    model.node(node("HeLU", "h", "x", "y").setDomain("helu").addAttribute(attr("alpha", 0.1f)));
    model.function(
        function("helu", "HeLU").addAttribute("alpha").addNode(node("Relu", "", "a", "b")));
    ImportedModel imported = read(model.output("y"));
    assertEquals(0.1f, alphaOf(imported.graph(), "y"));
    assertEquals(0.1f, imported.alpha());
    assertEquals("h", imported.graph().producer("y").name());
    assertArrayEquals(new float[] {0, 2}, run(imported.graph(), Shape.of(1, 2), -1, 2));
  }

  @Test
  void heluFunctionMayHaveADefaultAlpha() {
    ModelBuilder model = new ModelBuilder(18, 0).opset("helu", 1);
    model.input("x", "N", 2);
    model.node(node("HeLU", "h", "x", "y").setDomain("helu"));
    model.function(
        function("helu", "HeLU")
            .addAttributeProto(attr("alpha", 0.125f))
            .addNode(node("Relu", "", "a", "b")));
    assertEquals(0.125f, read(model.output("y")).alpha());
  }

  @Test
  void mixedAndUnknownAlphaIsNaN() {
    ModelBuilder model = new ModelBuilder(18, 0);
    model.input("x", "N", 2);
    model.node(
        node("Relu", "r", "x", "m").addMetadataProps(ModelBuilder.entry("helu.alpha", "0.25")));
    model.node(node("Relu", "s", "m", "y"));
    ImportedModel imported = read(model.output("y"));
    assertTrue(Float.isNaN(imported.alpha()));
    assertEquals(0, alphaOf(imported.graph(), "y"));
  }

  @Test
  void inputRangeIsRead() {
    ModelBuilder model = new ModelBuilder(18, 0).metadata("helu.input_range", "-1, 2.5");
    model.input("x", "N", 2);
    model.node(node("Relu", "r", "x", "y"));
    assertEquals(new Range(-1, 2.5), read(model.output("y")).graph().inputs().get(0).range());
  }

  @Test
  void nestedFunctionsAreInlinedWithAttributeReferences() {
    ModelBuilder model = new ModelBuilder(18, 0).opset("lib", 1);
    model.input("x", "N", 2);
    model.node(node("Outer", "one", "x", "m").setDomain("lib").addAttribute(attr("slope", 0.5f)));
    model.node(node("Outer", "two", "m", "y").setDomain("lib"));
    AttributeProto slope = ModelBuilder.reference("k", AttributeType.FLOAT, "slope");
    AttributeProto alpha = ModelBuilder.reference("alpha", AttributeType.FLOAT, "k");
    model.function(
        function("lib", "Outer")
            .addAttributeProto(attr("slope", 0.25f))
            .addNode(node("Inner", "i", "a", "t").setDomain("lib").addAttribute(slope))
            .addNode(node("Neg", "", "t", "b")));
    model.function(
        function("lib", "Inner")
            .addAttribute("k")
            .addNode(node("LeakyRelu", "", "a", "b").addAttribute(alpha)));
    Graph graph = read(model.output("y")).graph();
    assertEquals(
        List.of("one/i/LeakyRelu_0", "one/Neg_1", "two/i/LeakyRelu_0", "two/Neg_1"),
        graph.nodes().stream().map(Node::name).toList());
    assertTrue(graph.hasValue("one/t") && graph.hasValue("m"));
    // One: 2 -> -2, -4 -> 2. Two: -2 -> 0.5, 2 -> -2.
    assertArrayEquals(new float[] {0.5f, -2}, run(graph, Shape.of(1, 2), 2, -4));
  }

  @Test
  void shapeGatherConcatReshapeKeepsTheBatch() {
    ModelBuilder model = new ModelBuilder(17, 0);
    model.input("x", "N", 2, 3);
    String shape = model.node("Shape", List.of("x"));
    String zero = model.node("Constant", List.of(), attr("value_int", 0L));
    String batch = model.node("Gather", List.of(shape, zero));
    String vector = model.node("Unsqueeze", List.of(batch, model.longs(0)));
    String cast = model.node("Cast", List.of(vector), attr("to", 7L));
    String target = model.node("Concat", List.of(cast, model.longs(-1)), attr("axis", 0L));
    model.output(model.node("Reshape", List.of("x", target)));
    Graph graph = read(model).graph();
    assertEquals(1, graph.nodes().size());
    assertEquals(new DeviceOp.Reshape(Shape.of(Shape.BATCH, 6)), graph.nodes().get(0).op());
    assertEquals(18, run(graph, Shape.of(3, 2, 3), new float[18]).length);
  }

  @Test
  void staticPartOfASymbolicShapeIsAnOrdinaryConstant() {
    ModelBuilder model = new ModelBuilder(17, 0);
    model.input("x", "N", 4, 3);
    String dims = model.node("Shape", List.of("x"), attr("start", 1L));
    String product = model.node("Mul", List.of(dims, model.longs(2)));
    String last = model.node("Slice", List.of(product, model.longs(1), model.longs(2)));
    String target =
        model.node("Concat", List.of(model.longs(0), last, model.longs(-1)), attr("axis", 0L));
    model.output(model.node("Reshape", List.of("x", target)));
    Graph graph = read(model).graph();
    assertEquals(Shape.of(Shape.BATCH, 6, 2), graph.type(graph.outputs().get(0)).shape());
  }

  @Test
  void constantsMayTakeEveryForm() {
    ModelBuilder model = new ModelBuilder(18, 0);
    model.input("x", "N", 2);
    TensorProto tensor =
        TensorProto.newBuilder().setDataType(1).addDims(2).addFloatData(1).addFloatData(2).build();
    String a = model.node("Constant", List.of(), attr("value", tensor));
    String b = model.node("Constant", List.of(), attr("value_float", 10f));
    String c = model.node("Constant", List.of(), attrs("value_floats", 100f, 200f));
    String d = model.node("Constant", List.of(), attrs("value_ints", 0L, 2L));
    String sum = model.node("Sum", List.of("x", a, b, c));
    model.output(model.node("Reshape", List.of(sum, d)));
    float[] y = run(read(model).graph(), Shape.of(1, 2), 0, 0);
    assertArrayEquals(new float[] {111, 212}, y);
  }

  @Test
  void halfAndExactDoubleWeightsBecomeFloat32() {
    ModelBuilder model = new ModelBuilder(18, 0);
    model.input("x", "N", 1);
    TensorProto half =
        TensorProto.newBuilder()
            .setName("half")
            .setDataType(TensorProto.DataType.FLOAT16.getNumber())
            .addDims(1)
            .addInt32Data(0x3e00)
            .build();
    TensorProto wide =
        TensorProto.newBuilder()
            .setName("wide")
            .setDataType(TensorProto.DataType.DOUBLE.getNumber())
            .addDims(1)
            .addDoubleData(0.25)
            .build();
    model.initializer(half);
    model.initializer(wide);
    String cast = model.node("Cast", List.of("half"), attr("to", 1L));
    model.output(model.node("Sum", List.of("x", cast, "wide")));
    assertArrayEquals(new float[] {1.75f}, run(read(model).graph(), Shape.of(1, 1), 0));
  }

  @Test
  void outputsThatAreAliasesKeepTheirName() {
    ModelBuilder model = new ModelBuilder(18, 0);
    model.input("x", "N", 2);
    model.node(node("Dropout", "d", "x", "kept"));
    model.node(node("Identity", "i", "kept", "y"));
    Graph graph = read(model.output("y")).graph();
    assertEquals(List.of("y"), graph.outputs());
    assertArrayEquals(new float[] {3, -4}, run(graph, Shape.of(1, 2), 3, -4));
  }

  @Test
  void namesAreMadeUniqueAndUnreadNodesDropped() {
    ModelBuilder model = new ModelBuilder(18, 0);
    model.input("x", "N", 2);
    model.node(node("Neg", "same", "x", "m"));
    model.node(node("Abs", "same", "m", "y"));
    model.node(node("NoSuchOp", "dead", "x", "z"));
    Graph graph = read(model.output("y")).graph();
    assertEquals(List.of("same", "same.2"), graph.nodes().stream().map(Node::name).toList());
    assertEquals("y", graph.producer("y").output());
  }

  @Test
  void unsortedNodesAreSorted() {
    ModelBuilder model = new ModelBuilder(18, 0);
    model.input("x", "N", 1);
    model.node(node("Exp", "second", "m", "y"));
    model.node(node("Neg", "first", "x", "m"));
    assertArrayEquals(new float[] {1}, run(read(model.output("y")).graph(), Shape.of(1, 1), 0));
  }

  @Test
  void expandAndTileRepeat() {
    ModelBuilder model = new ModelBuilder(18, 0);
    model.input("x", "N", 1, 2);
    String wide = model.node("Expand", List.of("x", model.longs(1, 3, 1)));
    model.output(model.node("Tile", List.of(wide, model.longs(1, 1, 2))));
    assertArrayEquals(
        new float[] {5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6},
        run(read(model).graph(), Shape.of(1, 1, 2), 5, 6));
  }
}
