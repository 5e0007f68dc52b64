package org.helu.device.tornado.fpga;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.helu.device.testkit.IntegerNetworks;
import org.helu.device.testkit.OpCase;
import org.helu.device.testkit.OpCases;
import org.helu.device.testkit.RandomGraphs;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.graph.Node;
import org.helu.runtime.graph.Provenance;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Generated sources hold nothing that FPGA tools reject, and the lint would find it. */
class FpgaLintTest {
  /** Of the op cases; {@code -Dhelu.contractStride=1} looks at all. */
  private static final int STRIDE = Integer.getInteger("helu.contractStride", 11);

  /** What is put into a good source, where, and a part of what the lint has to say. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "body | printf(\"%d\", samples); | printf",
        "body | double d = 0; | double",
        "body | goto end; | goto",
        "body | while (samples) {} | while",
        "body | int k = get_global_id(0); | get_global_id",
        "body | barrier(1); | barrier",
        "body | int v[samples]; | unknown size",
        "body | __constant int t[2] = {1, 2}; | inside of a function",
        "body | for (int i = 0; i < n * n; i++) {} | bound",
        "body | for (int i = 9; i > 0; i--) {} | bound",
        "body | heluNetwork(0); | not defined above",
        "body | heluLater(0); | not defined above",
        "body | int (*f)(int) = 0; | function pointer",
        "body | /* a comment */ */ | comment",
        "body | int caf\u00e9 = 0; | ASCII",
        "body | HELU_UNROLL@samples++; | unrolled",
        "body | } | braces",
        "body | int k = 1;@int k = 2; | declared twice",
        "file | int counter[4]; | outside of functions",
        "file | #include \"other.h\" | included",
        "file | static int heluSelf(int n) {@  return heluSelf(n);@} | not defined above",
        "file | static int any(int n, ...) { return n; } | any number",
        "file | __kernel void heluSecond(int n) {} | expected one kernel"
      })
  void findsWhatToolsReject(String place, String bad, String expected) {
    String good = FpgaKernel.of(IntegerNetworks.binaryMlp(9, 4, 3)).source();
    assertEquals(List.of(), FpgaLint.problems(good));
    String anchor =
        place.equals("body") ? "  for (int n = 0; n < samples; n++) {\n" : "__attribute__((reqd";
    assertTrue(good.contains(anchor), good);
    String source = good.replace(anchor, bad.replace('@', '\n') + "\n" + anchor);
    List<String> problems = FpgaLint.problems(source);
    assertTrue(
        problems.stream().anyMatch(problem -> problem.contains(expected)), problems.toString());
  }

  @Test
  void kernelsAskForOneWorkItemAndDistinctArrays() {
    String good = FpgaKernel.of(IntegerNetworks.binaryMlp(9, 4, 3)).source();
    for (String part : List.of("HELU_SINGLE\n", "*restrict in0", "void heluNetwork")) {
      String bad =
          good.replace(
              part,
              part.replace("HELU_SINGLE", "").replace("restrict ", " ").replace("helu", "my"));
      assertEquals(1, FpgaLint.problems(bad).size(), part);
    }
  }

  @Test
  void generatedSourcesPass() {
    List<BinarizedGraph> graphs = new ArrayList<>();
    graphs.add(IntegerNetworks.binaryMlp(784, 64, 64, 10));
    graphs.add(IntegerNetworks.binaryCnn());
    graphs.add(IntegerNetworks.int8Cnn());
    LongStream.range(0, 50).mapToObj(IntegerNetworks::random).forEach(graphs::add);
    LongStream.range(0, 50).mapToObj(RandomGraphs::of).forEach(graphs::add);
    List<OpCase> cases = OpCases.all();
    for (int i = 0; i < cases.size(); i += STRIDE) {
      graphs.add(cases.get(i).graph());
    }
    int linted = 0;
    for (BinarizedGraph graph : graphs) {
      if (Kernels.isSupported(graph)) {
        assertEquals(
            List.of(),
            FpgaLint.problems(FpgaKernel.of(graph).source()),
            () -> graph.graph().toString());
        linted++;
      }
    }
    assertTrue(linted > 200, linted + " sources");
  }

  @Test
  void namesFromFilesStayComments() {
    TensorType type = TensorType.float32(Shape.BATCH, 4);
    GraphBuilder builder = new GraphBuilder("*/ int evil; /*\n\\");
    builder.input(new GraphInput("x", type));
    builder.add(new Node("*/ } goto\u2028 /* ??/", new DeviceOp.Gate(), List.of("x"), "y"));
    Graph graph = builder.output("y").build();
    String source = FpgaKernel.of(new BinarizedGraph(graph, Provenance.NONE)).source();
    assertEquals(List.of(), FpgaLint.problems(source));
    assertTrue(source.contains("goto"), "the name is told");
  }
}
