package org.helu.compiler.pass;

import static org.helu.compiler.pass.PassFixture.check;
import static org.helu.compiler.pass.PassFixture.positive;
import static org.helu.compiler.pass.PassFixture.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Range;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.FloatOp;
import org.helu.runtime.op.Op;
import org.helu.runtime.op.PadMode;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.op.Window;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Test;

class PassGoldenTest {
  private static final Window SAME_3X3 = new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1);
  private static final Op HELU = new FloatOp.Helu(0.05f);
  private static final Op ADD = new DeviceOp.Binary(BinaryKind.ADD);
  private static final Op MUL = new DeviceOp.Binary(BinaryKind.MUL);
  private static final Op DENSE = new DeviceOp.Dense(false, false, List.of());
  private static final Op DENSE_BIAS = new DeviceOp.Dense(true, false, List.of());

  private static GraphBuilder graph(int... dims) {
    return new GraphBuilder("g").input(new GraphInput("x", TensorType.float32(dims)));
  }

  private static GraphBuilder ranged(Range range, int... dims) {
    return new GraphBuilder("g").input(new GraphInput("x", TensorType.float32(dims), range));
  }

  private static Op unary(UnaryKind kind) {
    return new DeviceOp.Unary(kind);
  }

  private static Graph batchNorm(GraphBuilder builder, String input, int channels) {
    builder.constant("scale", random(1, channels)).constant("shift", random(2, channels));
    builder.constant("mean", random(3, channels)).constant("var", positive(4, channels));
    builder.add(new FloatOp.BatchNorm(1e-5f), "y", input, "scale", "shift", "mean", "var");
    return builder.output("y").build();
  }

  @Test
  void foldsConstants() {
    GraphBuilder builder = graph(-1, 3).constant("a", random(1, 3)).constant("b", random(2, 3));
    builder.add(ADD, "c", "a", "b");
    builder.add(unary(UnaryKind.NEG), "d", "c");
    builder.add(ADD, "y", "x", "d");
    check(new FoldConstants(), "chain", builder.output("y").build());
  }

  @Test
  void doesNotFoldWhatWouldGrowWithoutBound() {
    GraphBuilder builder = graph(-1, 3).constant("a", Tensor.ofFloats(Shape.of(1, 1), 1f));
    builder.add(
        new DeviceOp.Pad(List.of(0, 0), List.of(0, 1 << 25), PadMode.CONSTANT, 0), "big", "a");
    builder.add(new DeviceOp.Slice(List.of(0, 0), List.of(1, 3), List.of(1, 1)), "part", "big");
    builder.add(ADD, "y", "x", "part");
    Graph before = builder.output("y").build();
    assertSame(before, new FoldConstants().apply(before, new PassLog()));
  }

  @Test
  void eliminatesDeadCode() {
    GraphBuilder builder = graph(-1, 3).constant("a", random(1, 3));
    builder.add(ADD, "unused", "x", "a");
    builder.add(HELU, "alsoUnused", "unused");
    builder.add(unary(UnaryKind.ABS), "y", "x");
    check(new EliminateDeadCode(), "branch", builder.output("y").build());
  }

  @Test
  void removesNoOps() {
    GraphBuilder builder = graph(-1, 4, 1, 6);
    builder.add(new DeviceOp.Reshape(Shape.of(-1, 24)), "a", "x");
    builder.add(new DeviceOp.Reshape(Shape.of(-1, 2, 3, 4)), "b", "a");
    builder.add(new DeviceOp.Transpose(List.of(0, 2, 3, 1)), "c", "b");
    builder.add(new DeviceOp.Transpose(List.of(0, 3, 1, 2)), "d", "c");
    builder.add(new DeviceOp.Reshape(Shape.of(-1, 1, 4, 6)), "e", "d");
    builder.add(new DeviceOp.Transpose(List.of(0, 2, 1, 3)), "y", "e");
    check(new RemoveNoOps(), "shapes", builder.output("y").build());
  }

  @Test
  void fusesActivations() {
    GraphBuilder builder = graph(-1, 5).constant("half", Tensor.scalar(0.5f));
    builder.constant("one", Tensor.scalar(1)).constant("zero", Tensor.scalar(0));
    builder.constant("sqrt2", Tensor.scalar((float) Math.sqrt(2)));
    builder.add(unary(UnaryKind.SIGMOID), "s", "x");
    builder.add(MUL, "swish", "x", "s");
    builder.add(unary(UnaryKind.SOFTPLUS), "p", "swish");
    builder.add(unary(UnaryKind.TANH), "t", "p");
    builder.add(MUL, "mish", "t", "swish");
    builder.add(new DeviceOp.Binary(BinaryKind.DIV), "q", "mish", "sqrt2");
    builder.add(unary(UnaryKind.ERF), "e", "q");
    builder.add(ADD, "e1", "e", "one");
    builder.add(MUL, "h", "mish", "e1");
    builder.add(MUL, "gelu", "h", "half");
    builder.add(new DeviceOp.Binary(BinaryKind.MAX), "m", "gelu", "zero");
    builder.add(new DeviceOp.Unary(UnaryKind.CLIP, 0, Float.POSITIVE_INFINITY), "y", "m");
    check(new FuseActivations(), "all", builder.output("y").build());
  }

  @Test
  void keepsProductsThatOnlyLookLikeActivations() {
    GraphBuilder builder = graph(-1, 5);
    builder.add(unary(UnaryKind.ABS), "other", "x");
    builder.add(unary(UnaryKind.SIGMOID), "s", "other");
    builder.add(MUL, "y", "x", "s");
    Graph before = builder.output("y").build();
    assertSame(before, new FuseActivations().apply(before, new PassLog()));
  }

  @Test
  void foldsBatchNormIntoConvolution() {
    GraphBuilder builder = graph(-1, 2, 4, 4);
    builder.constant("w", random(5, 3, 2, 3, 3)).constant("b", random(6, 3));
    builder.add(new FloatOp.Conv(SAME_3X3, 1), "c", "x", "w", "b");
    check(new FoldBatchNorm(), "conv", batchNorm(builder, "c", 3));
  }

  @Test
  void foldsBatchNormIntoGemm() {
    GraphBuilder builder = graph(-1, 4).constant("w", random(5, 4, 3)).constant("b", random(6, 3));
    builder.add(new FloatOp.Gemm(0.5f, 2, false, false), "c", "x", "w", "b");
    check(new FoldBatchNorm(), "gemm", batchNorm(builder, "c", 3));
  }

  @Test
  void expandsBatchNormThatCannotBeFolded() {
    GraphBuilder builder = graph(-1, 2, 4, 4).constant("w", random(5, 3, 2, 3, 3));
    builder.add(new FloatOp.Conv(SAME_3X3, 1), "c", "x", "w");
    builder.output("c");
    check(new FoldBatchNorm(), "shared", batchNorm(builder, "c", 3));
  }

  @Test
  void rejectsBatchNormWithBrokenVariance() {
    GraphBuilder builder = graph(-1, 1);
    builder
        .constant("p", Tensor.ofFloats(Shape.of(1), 1))
        .constant("v", Tensor.ofFloats(Shape.of(1), -2));
    builder.add(new FloatOp.BatchNorm(1e-5f), "y", "x", "p", "p", "p", "v");
    Graph before = builder.output("y").build();
    HeluException e =
        assertThrows(HeluException.class, () -> new FoldBatchNorm().apply(before, new PassLog()));
    assertTrue(e.getMessage().contains("'y' (BatchNorm)"), e.getMessage());
  }

  @Test
  void lowersMatMulAndGemm() {
    GraphBuilder builder =
        graph(-1, 4).constant("w", random(1, 4, 3)).constant("v", random(2, 5, 3));
    builder.constant("c", random(3, 1, 5)).constant("full", random(4, 1, 1));
    builder.add(new FloatOp.MatMul(), "a", "x", "w");
    builder.add(new FloatOp.Gemm(2, 0.5f, false, true), "b", "a", "v", "c");
    builder.add(new FloatOp.Gemm(1, 1, false, true), "y", "b", "m");
    builder.constant("m", random(5, 5, 5));
    check(new LowerMatMul(), "constant", builder.output("y").build());
  }

  @Test
  void lowersMatMulOfActivations() {
    GraphBuilder builder = graph(-1, 4, 3);
    builder.add(new DeviceOp.Transpose(List.of(0, 2, 1)), "t", "x");
    builder.add(new FloatOp.MatMul(), "y", "x", "t");
    check(new LowerMatMul(), "activations", builder.output("y").build());
  }

  private static Graph smallConvNet() {
    GraphBuilder builder = graph(-1, 2, 4, 4).constant("w", random(1, 3, 2, 3, 3));
    builder.constant("b", random(2, 3, 1, 1)).constant("w2", random(3, 5, 12));
    builder.add(new FloatOp.Conv(SAME_3X3, 1), "c", "x", "w");
    builder.add(ADD, "d", "c", "b");
    builder.add(HELU, "r", "d");
    Window pool = new Window(2, 2, 2, 2, 1, 1, 0, 0, 0, 0);
    builder.add(new FloatOp.Pool(PoolKind.MAX, pool, false), "p", "r");
    builder.add(new DeviceOp.Reshape(Shape.of(-1, 12)), "f", "p");
    builder.add(DENSE, "y", "f", "w2");
    return builder.output("y").build();
  }

  @Test
  void lowersConvolution() {
    check(new LowerConvolution(), "net", smallConvNet());
  }

  @Test
  void rejectsComputedConvolutionWeights() {
    GraphBuilder builder = graph(1, 1, 3, 3);
    builder.add(new FloatOp.Conv(Window.ofKernel(3, 3), 1), "y", "x", "x");
    Graph before = builder.output("y").build();
    HeluException e =
        assertThrows(
            HeluException.class, () -> new LowerConvolution().apply(before, new PassLog()));
    assertTrue(e.getMessage().contains("'y' (Conv)"), e.getMessage());
  }

  @Test
  void sinksTransposes() {
    Graph lowered = new LowerConvolution().apply(smallConvNet(), new PassLog());
    Graph after = check(new SinkTransposes(), "net", lowered);
    long transposes =
        after.nodes().stream().filter(n -> n.op() instanceof DeviceOp.Transpose).count();
    assertEquals(1, transposes, "only the input's own transpose may be left");
  }

  @Test
  void sinksTransposesPastImageOps() {
    GraphBuilder builder = graph(-1, 2, 4, 6).constant("w", random(1, 4, 2, 1, 1));
    builder.add(new FloatOp.Conv(Window.ofKernel(1, 1), 1), "c", "x", "w");
    builder.add(new DeviceOp.Concat(1), "cat", "c", "c");
    builder.add(
        new DeviceOp.Pad(List.of(0, 1, 0, 2), List.of(0, 0, 1, 0), PadMode.CONSTANT, 0.5f),
        "pad",
        "cat");
    builder.add(
        new DeviceOp.Slice(List.of(0, 2, 4, 1), List.of(-1, 3, 3, 2), List.of(1, 2, -1, 3)),
        "cut",
        "pad");
    builder.add(new DeviceOp.Softmax(1, false), "soft", "cut");
    builder.add(new DeviceOp.Reduce(ReduceKind.MEAN, List.of(2, 3), false), "y", "soft");
    builder.add(new DeviceOp.Reduce(ReduceKind.MAX, List.of(1), true), "z", "soft");
    Graph before = builder.output("y").output("z").build();
    check(new SinkTransposes(), "image", new LowerConvolution().apply(before, new PassLog()));
  }

  @Test
  void foldsAffine() {
    GraphBuilder builder = graph(-1, 4).constant("w", random(1, 3, 4)).constant("b", random(2, 3));
    builder.constant("s", random(3, 1, 3)).constant("two", Tensor.scalar(2));
    builder.add(DENSE, "d", "x", "w");
    builder.add(ADD, "e", "b", "d");
    builder.add(MUL, "f", "e", "s");
    builder.add(new DeviceOp.Binary(BinaryKind.SUB), "g", "b", "f");
    builder.add(new DeviceOp.Binary(BinaryKind.DIV), "h", "g", "two");
    builder.add(new DeviceOp.Unary(UnaryKind.LINEAR, 3, -1), "i", "h");
    builder.add(HELU, "y", "i");
    check(new FoldAffine(), "chain", builder.output("y").build());
  }

  @Test
  void removesGatesThatAreAlwaysOpen() {
    GraphBuilder builder = graph(-1, 4).constant("w", random(1, 3, 4));
    builder.add(HELU, "a", "x");
    builder.add(unary(UnaryKind.SIGMOID), "b", "x");
    builder.add(ADD, "c", "a", "b");
    builder.add(HELU, "d", "c");
    builder.add(DENSE, "y", "d", "w");
    check(new PruneGates(), "open", builder.output("y").build());
  }

  @Test
  void removesDeadChannels() {
    // With inputs in 0..1, rows 1 and 3 have only negative weights and a negative bias.
    Tensor weight = Tensor.ofFloats(Shape.of(4, 2), 1f, -1f, -1f, -2f, 0.5f, 0.25f, -0.5f, -0.5f);
    Tensor bias = Tensor.ofFloats(Shape.of(4), 0, -0.125f, 1, -1f);
    GraphBuilder builder = ranged(new Range(0, 1), -1, 2).constant("w", weight);
    builder.constant("b", bias).constant("v", random(1, 3, 4));
    builder.add(DENSE_BIAS, "z", "x", "w", "b");
    builder.add(HELU, "h", "z");
    builder.add(DENSE, "y", "h", "v");
    check(new PruneGates(), "dead", builder.output("y").build());
  }

  @Test
  void removesDeadChannelsThroughPoolAndFlatten() {
    GraphBuilder builder = ranged(new Range(0, 1), -1, 4, 4, 1);
    builder.constant("w", Tensor.ofFloats(Shape.of(3, 1, 1, 1), 1f, -1f, 2f));
    builder.constant("v", random(1, 2, 12));
    builder.add(
        new DeviceOp.Conv2d(Window.ofKernel(1, 1), 1, false, false, List.of()), "z", "x", "w");
    builder.add(HELU, "h", "z");
    Window pool = new Window(2, 2, 2, 2, 1, 1, 0, 0, 0, 0);
    builder.add(new DeviceOp.Pool2d(PoolKind.MAX, pool, false), "p", "h");
    builder.add(new DeviceOp.Reshape(Shape.of(-1, 12)), "f", "p");
    builder.add(DENSE, "y", "f", "v");
    check(new PruneGates(), "deadimage", builder.output("y").build());
  }

  @Test
  void keepsDeadChannelsThatOthersRead() {
    GraphBuilder builder = ranged(new Range(0, 1), -1, 2);
    builder.constant("w", Tensor.ofFloats(Shape.of(2, 2), 1f, 1f, -1f, -1f));
    builder.add(DENSE, "z", "x", "w");
    builder.add(HELU, "y", "z");
    Graph before = builder.output("y").build();
    PassLog log = new PassLog();
    assertSame(before, new PruneGates().apply(before, log));
    assertFalse(log.notes().isEmpty());
  }

  @Test
  void keepsGatesOfUnboundedInputs() {
    GraphBuilder builder = graph(-1, 2).constant("w", Tensor.ofFloats(Shape.of(1, 2), 1f, 1f));
    builder.add(DENSE, "z", "x", "w");
    builder.add(HELU, "y", "z");
    Graph before = builder.output("y").build();
    assertSame(before, new PruneGates().apply(before, new PassLog()));
  }

  @Test
  void mergesLinearLayersWhereThatSavesWork() {
    GraphBuilder builder =
        graph(-1, 4).constant("w1", random(1, 6, 4)).constant("b1", random(2, 6));
    builder.constant("w2", random(3, 3, 6)).constant("b2", random(4, 3));
    builder.add(DENSE_BIAS, "h", "x", "w1", "b1");
    builder.add(DENSE_BIAS, "y", "h", "w2", "b2");
    check(new MergeLinear(), "wide", builder.output("y").build());
  }

  @Test
  void keepsLinearLayersThatAreABottleneck() {
    GraphBuilder builder = graph(-1, 40).constant("w1", random(1, 2, 40));
    builder.constant("w2", random(3, 30, 2));
    builder.add(DENSE, "h", "x", "w1");
    builder.add(DENSE, "y", "h", "w2");
    Graph before = builder.output("y").build();
    assertSame(before, new MergeLinear().apply(before, new PassLog()));
  }

  @Test
  void fusesResidualAdd() {
    GraphBuilder builder = graph(-1, 4, 4, 2).constant("w", random(1, 2, 3, 3, 2));
    builder.constant("v", random(2, 2, 1, 1, 2));
    Op conv = new DeviceOp.Conv2d(SAME_3X3, 1, false, false, List.of());
    Op shortcut = new DeviceOp.Conv2d(Window.ofKernel(1, 1), 1, false, false, List.of());
    builder.add(conv, "a", "x", "w");
    builder.add(shortcut, "b", "x", "v");
    builder.add(ADD, "s", "a", "b");
    builder.add(HELU, "y", "s");
    check(new FuseResidualAdd(), "block", builder.output("y").build());
  }

  @Test
  void lowersHeluToGate() {
    GraphBuilder builder =
        graph(-1, 4).constant("w", random(1, 3, 4)).constant("v", random(2, 3, 3));
    builder.add(HELU, "own", "x");
    builder.add(DENSE, "a", "own", "w");
    builder.add(HELU, "fused", "a");
    builder.add(DENSE, "b", "fused", "v");
    builder.add(HELU, "shared", "b");
    builder.add(ADD, "y", "b", "shared");
    check(new LowerHeluToGate(), "forms", builder.output("y").build());
  }
}
