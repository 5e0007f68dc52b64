package org.helu.compiler.onnx;

import static org.helu.compiler.onnx.ModelBuilder.attr;
import static org.helu.compiler.onnx.ModelBuilder.attrs;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.helu.runtime.HeluException;
import org.helu.runtime.tensor.Shape;
import org.junit.jupiter.api.Test;

/** Malformed and unsupported models end in one line that names the place. */
class BadModelTest {
  private static final TensorProto EMPTY =
      TensorProto.newBuilder().setName("w").setDataType(1).build();

  private static NodeProto.Builder node(String opType, String name, String in, String out) {
    return NodeProto.newBuilder().setOpType(opType).setName(name).addInput(in).addOutput(out);
  }

  private static ModelBuilder model() {
    ModelBuilder model = new ModelBuilder(18, 0);
    model.input("x", "N", 4);
    return model;
  }

  private static void rejects(ModelBuilder model, String... parts) {
    rejects(model.bytes(), parts);
  }

  private static void rejects(byte[] bytes, String... parts) {
    HeluException e = assertThrows(HeluException.class, () -> OnnxImporter.read(bytes, null));
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
    assertTrue(e.getMessage().startsWith("import/onnx: "), e.getMessage());
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), "no '" + part + "' in: " + e.getMessage());
    }
  }

  /** A model whose Add reads {@code tensor}. */
  private static ModelBuilder withWeight(TensorProto tensor) {
    ModelBuilder model = model();
    model.initializer(tensor);
    return model.output(model.node("Add", List.of("x", "w")));
  }

  @Test
  void rejectsWhatIsNoModel() {
    rejects(new byte[0], "not an ONNX model");
    rejects("hello, world".getBytes(StandardCharsets.UTF_8), "not an ONNX model");
    assertThrows(HeluException.class, () -> OnnxImporter.read(Path.of("no-such-file.onnx")));
    assertThrows(HeluException.class, () -> OnnxImporter.read(Path.of(".")));
  }

  @Test
  void rejectsForeignOpsets() {
    for (int opset : new int[] {1, 10, 23}) {
      ModelBuilder model = new ModelBuilder(opset, 0);
      model.input("x", "N", 4);
      rejects(model.output(model.node("Relu", List.of("x"))), "opset " + opset, "11 to 22");
    }
  }

  @Test
  void listsEveryOffendingNodeOnce() {
    ModelBuilder model = model();
    model.node(node("LSTM", "first", "x", "a"));
    model.node(node("Relu", "between", "a", "b"));
    model.node(node("Mystery", "second", "b", "c").setDomain("com.example"));
    model.node(node("MaxPool", "third", "x", "d").addAttribute(attrs("kernel_shape", 2L)));
    model.node(NodeProto.newBuilder().setOpType("Add").addInput("c").addInput("d").addOutput("y"));
    rejects(
        model.output("y"),
        "3 nodes",
        "node 'first' (LSTM): op is not supported",
        "node 'second' (com.example::Mystery): op is not supported",
        "node 'third' (MaxPool): expected a 1-D or 2-D image");
  }

  @Test
  void rejectsCycles() {
    ModelBuilder model = model();
    model.node(
        NodeProto.newBuilder()
            .setOpType("Add")
            .setName("loop")
            .addInput("x")
            .addInput("b")
            .addOutput("a"));
    model.node(node("Relu", "back", "a", "b"));
    rejects(model.output("b"), "'loop' (Add)", "cycle");
  }

  @Test
  void rejectsMissingAndDuplicateValues() {
    rejects(model().node(node("Relu", "r", "nowhere", "y")).output("y"), "'r' (Relu)", "'nowhere'");
    rejects(model().output("nowhere"), "'nowhere'");
    rejects(model(), "no output");
    ModelBuilder twice = model().node(node("Relu", "r", "x", "y")).node(node("Neg", "n", "x", "y"));
    rejects(twice.output("y"), "'y' is written twice");
    rejects(model().node(node("Relu", "r", "x", "x")).output("x"), "'x' is written twice");
    ModelBuilder inputs = model();
    inputs.input("x", "N", 3);
    rejects(inputs.output("x"), "declared twice");
    ModelBuilder weights = withWeight(EMPTY);
    weights.initializer(EMPTY);
    rejects(weights, "initializer 'w' is given twice");
    rejects(
        model().node(NodeProto.newBuilder().setOpType("Relu").addOutput("y")).output("y"),
        "expected 1 inputs, found 0");
  }

  @Test
  void rejectsDataThatDoesNotFitItsDimensions() {
    TensorProto.Builder huge = EMPTY.toBuilder().addDims(1L << 31).addDims(1L << 31);
    rejects(withWeight(huge.build()), "initializer 'w'", "dimension 0 is 2147483648");
    TensorProto.Builder large = EMPTY.toBuilder().addDims(1 << 30).addDims(1 << 30);
    rejects(withWeight(large.build()), "initializer 'w'", "2^40 elements");
    TensorProto.Builder wrap =
        EMPTY.toBuilder().addDims(1 << 20).addDims(1 << 20).addDims(1 << 30).addDims(1 << 30);
    rejects(withWeight(wrap.build()), "initializer 'w'", "2^40 elements");
    TensorProto.Builder gigantic =
        EMPTY.toBuilder().addDims(1 << 30).setRawData(ByteString.copyFrom(new byte[16]));
    rejects(withWeight(gigantic.build()), "takes 4294967296 bytes of raw_data, found 16");
    rejects(withWeight(EMPTY.toBuilder().addDims(-4).build()), "dimension 0 is -4");
    rejects(withWeight(EMPTY.toBuilder().addDims(4).addFloatData(1).build()), "found 1");
    rejects(
        withWeight(EMPTY.toBuilder().addAllDims(Collections.nCopies(100_000, 1L)).build()),
        "rank 9 exceeds 8");
    rejects(withWeight(EMPTY.toBuilder().setDataType(8).build()), "STRING is not supported");
    rejects(withWeight(EMPTY.toBuilder().setDataType(99).build()), "number 99 is not supported");
  }

  @Test
  void rejectsWeightsThatAreNotFinite() {
    TensorProto.Builder weight = EMPTY.toBuilder().addDims(2).addDims(2);
    weight.addFloatData(1).addFloatData(2).addFloatData(Float.NaN).addFloatData(4);
    rejects(withWeight(weight.build()), "initializer 'w'", "[1, 0] is NaN");
    weight.setFloatData(2, Float.NEGATIVE_INFINITY);
    rejects(withWeight(weight.build()), "[1, 0] is -Infinity");
    TensorProto.Builder wide = EMPTY.toBuilder().setDataType(11).addDims(1).addDoubleData(0.1);
    rejects(withWeight(wide.build()), "0.1, which float32 cannot hold exactly");
  }

  @Test
  void rejectsShapesThatOverflow() {
    ModelBuilder model = new ModelBuilder(18, 0);
    model.input("x", "N", Integer.MAX_VALUE, Integer.MAX_VALUE);
    rejects(model.output(model.node("Relu", List.of("x"))), "input 'x'", "2^40 elements");
    ModelBuilder pad = model();
    pad.output(pad.node("Pad", List.of("x", pad.longs(0, 1L << 40, 0, 0))));
    rejects(pad, "pad of 1099511627776 elements");
    ModelBuilder fill = model();
    String big = fill.node("ConstantOfShape", List.of(fill.longs(1 << 15, 1 << 20)));
    fill.output(fill.node("Add", List.of("x", big)));
    rejects(fill, "ConstantOfShape", "elements would be computed at import");
    ModelBuilder tile = model();
    tile.output(tile.node("Tile", List.of("x", tile.longs(1, Long.MAX_VALUE))));
    rejects(tile, "Tile", "overflows");
    ModelBuilder range = new ModelBuilder(18, 0);
    range.input("x", "N", 4);
    TensorProto.Builder number = TensorProto.newBuilder().setDataType(7);
    String from =
        range.initializer(number.setName("from").addInt64Data(Long.MIN_VALUE + 1).build());
    number.clearInt64Data();
    String to = range.initializer(number.setName("to").addInt64Data(Long.MAX_VALUE).build());
    number.clearInt64Data();
    String by = range.initializer(number.setName("by").addInt64Data(1).build());
    range.output(range.node("Range", List.of(from, to, by)));
    rejects(range, "Range", "overflows");
  }

  @Test
  void rejectsBadAttributes() {
    ModelBuilder twice = model();
    twice.output(twice.node("Elu", List.of("x"), attr("alpha", 1f), attr("alpha", 2f)));
    rejects(twice, "attribute 'alpha' is given twice");
    ModelBuilder mistyped = model();
    mistyped.output(mistyped.node("Elu", List.of("x"), attr("alpha", 1L)));
    rejects(mistyped, "attribute 'alpha' is of type INT, expected FLOAT");
    ModelBuilder unknown = model();
    unknown.output(unknown.node("Relu", List.of("x"), attr("slope", 1L)));
    rejects(unknown, "unknown attribute slope");
    ModelBuilder axis = model();
    axis.output(axis.node("Softmax", List.of("x"), attr("axis", 1L << 40)));
    rejects(axis, "beyond 32 bits");
    ModelBuilder many = model();
    NodeProto.Builder node = node("Relu", "many", "x", "y");
    for (int i = 0; i < 20_000; i++) {
      node.addAttribute(attr("a" + i, i));
    }
    rejects(many.node(node).output("y"), "'many' (Relu)", "unknown attribute");
  }

  @Test
  void rejectsBadGeometry() {
    ModelBuilder model = new ModelBuilder(18, 0);
    model.input("x", "N", 3, 8, 8);
    String weight = model.weights(1, 4, 3, 3, 3);
    model.output(model.node("Conv", List.of("x", weight), attrs("strides", 0L, 1L)));
    rejects(model, "Conv", "stride must be in 1..65536, found 0");
    ModelBuilder groups = new ModelBuilder(18, 0);
    groups.input("x", "N", 3, 8, 8);
    String w = groups.weights(1, 4, 3, 3, 3);
    groups.output(groups.node("Conv", List.of("x", w), attr("group", 0L)));
    rejects(groups, "groups=0");
    ModelBuilder gather = model();
    gather.output(gather.node("Gather", List.of("x", gather.longs(4)), attr("axis", 1L)));
    rejects(gather, "index 4 is outside a dimension of 4");
    ModelBuilder split = model();
    split.output(split.nodes("Split", List.of("x"), 3, attr("axis", 1L)).get(0));
    rejects(split, "Split");
  }

  @Test
  void rejectsWhatMixesSamples() {
    ModelBuilder sum = model();
    sum.output(sum.node("ReduceSum", List.of("x", sum.longs(0))));
    rejects(sum, "mixes samples");
    ModelBuilder fixed = model();
    fixed.output(fixed.node("Reshape", List.of("x", fixed.longs(1, -1))));
    rejects(fixed, "joins the batch with other dimensions or fixes it");
    ModelBuilder arithmetic = model();
    String shape = arithmetic.node("Shape", List.of("x"));
    String doubled = arithmetic.node("Mul", List.of(shape, arithmetic.longs(2)));
    arithmetic.output(arithmetic.node("Reshape", List.of("x", doubled)));
    rejects(arithmetic, "Mul", "batch size");
    ModelBuilder output = model();
    output.output(output.node("Shape", List.of("x")));
    rejects(output, "depends on the batch size");
  }

  @Test
  void rejectsSymbolicDimensionsBehindTheFirst() {
    ModelBuilder model = new ModelBuilder(18, 0);
    model.input("x", "N", 3, "height");
    rejects(
        model.output(model.node("Relu", List.of("x"))),
        "input 'x'",
        "dimension 2 is symbolic ('height')",
        "make_dynamic_shape_fixed");
    ModelBuilder two = new ModelBuilder(18, 0);
    two.input("x", "N", 3);
    two.input("z", "M", 3);
    rejects(two.output(two.node("Add", List.of("x", "z"))), "inputs share one batch");
  }

  @Test
  void rejectsRecursiveAndExplodingFunctions() {
    ModelBuilder recursive = model().opset("lib", 1);
    recursive.node(node("F", "call", "x", "y").setDomain("lib"));
    recursive.function(function("F").addNode(node("F", "", "a", "b").setDomain("lib")));
    rejects(recursive.output("y"), "calls itself");

    ModelBuilder deep = model().opset("lib", 1);
    deep.node(node("F0", "call", "x", "y").setDomain("lib"));
    for (int i = 0; i < 200; i++) {
      deep.function(function("F" + i).addNode(node("F" + (i + 1), "", "a", "b").setDomain("lib")));
    }
    rejects(deep.output("y"), "nested more than 32 deep");

    rejects(doubling(20, "short"), "inlining the model's functions copies more than 64 MiB");
    rejects(doubling(10, "x".repeat(1 << 16)), "copies more than 64 MiB");
  }

  /** Functions that each call the next one twice; the innermost is an op of the given name. */
  private static ModelBuilder doubling(int levels, String opType) {
    ModelBuilder model = model().opset("lib", 1);
    model.node(node("F0", "call", "x", "y").setDomain("lib"));
    for (int i = 0; i < levels; i++) {
      model.function(
          function("F" + i)
              .addNode(node("F" + (i + 1), "", "a", "t").setDomain("lib"))
              .addNode(node("F" + (i + 1), "", "t", "b").setDomain("lib")));
    }
    model.function(function("F" + levels).addNode(node(opType, "", "a", "b")));
    return model.output("y");
  }

  private static FunctionProto.Builder function(String name) {
    return FunctionProto.newBuilder().setDomain("lib").setName(name).addInput("a").addOutput("b");
  }

  @Test
  void rejectsBadMetadata() {
    rejects(model().metadata("helu.alpha", "tiny").output("x"), "'tiny' is not a number");
    rejects(model().metadata("helu.alpha", "-1").output("x"), "alpha is -1.0");
    rejects(model().metadata("helu.input_range", "1,0").output("x"), "'1,0'");
    rejects(model().metadata("helu.input_range", "1").output("x"), "expected 'min,max'");
    ModelBuilder body = model().opset("helu", 1);
    body.node(node("HeLU", "h", "x", "y").setDomain("helu"));
    body.function(function("HeLU").setDomain("helu").addNode(node("Neg", "", "a", "b")));
    rejects(body.output("y"), "must be one Relu");
  }

  @Test
  void rejectsTrainingMode() {
    ModelBuilder model = model();
    List<String> operands =
        List.of("x", model.positive(4), model.positive(4), model.positive(4), model.positive(4));
    model.output(model.node("BatchNormalization", operands, attr("training_mode", 1L)));
    rejects(model, "training mode");
  }

  @Test
  void keepsControlCharactersOutOfMessages() {
    rejects(model().node(node("Bad\nOp", "a\r\nb", "x", "y")).output("y"), "op is not supported");
  }

  @Test
  void readsInitializersThatAreAlsoInputsAsConstants() {
    ModelBuilder model = new ModelBuilder(18, 0);
    model.input("x", "N", 2);
    String w = model.floats(Shape.of(2), 1, 2);
    model.input(w, 2);
    model.output(model.node("Add", List.of("x", w)));
    ModelProto proto = model.build();
    assertTrue(OnnxImporter.read(proto.toByteArray(), null).graph().inputs().size() == 1);
  }
}
