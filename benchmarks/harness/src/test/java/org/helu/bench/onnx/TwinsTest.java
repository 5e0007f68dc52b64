package org.helu.bench.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.helu.compiler.onnx.OnnxImporter;
import org.helu.runtime.HeluException;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TwinsTest {
  private static final Path SAMPLES = Path.of(System.getProperty("helu.root"), "samples");

  @TempDir Path folder;

  private Path file(String name, byte[] model) throws IOException {
    return Files.write(folder.resolve(name), model);
  }

  private static Tensor input() {
    Tensor x = Tensor.zeros(TensorType.float32(5, 1, 4, 4));
    Random random = new Random(2);
    for (long i = 0; i < x.elements(); i++) {
      x.setFloat(i, random.nextInt(256) / 255f);
    }
    return x;
  }

  private static List<String> ops(byte[] model) throws IOException {
    return ModelProto.parseFrom(model).getGraph().getNodeList().stream()
        .map(NodeProto::getOpType)
        .toList();
  }

  @Test
  void theFloatTwinIsTheNetworkWithoutQuantizers() throws IOException {
    byte[] twin = FloatTwin.of(file("low.onnx", LowBitModel.lowBit())).orElseThrow();
    assertEquals(List.of("Conv", "Relu", "MaxPool", "Flatten", "Gemm", "Relu", "Gemm"), ops(twin));
    // What helu makes of the same network, written by hand with floats and batch norms.
    Path byHand = file("float.onnx", LowBitModel.floats());
    Tensor expected =
        new Interpreter(OnnxImporter.read(byHand).graph()).run(List.of(input())).getFirst();
    Path derived = file("twin.onnx", twin);
    Tensor found =
        new Interpreter(OnnxImporter.read(derived).graph()).run(List.of(input())).getFirst();
    assertEquals(expected.shape(), found.shape());
    for (long i = 0; i < expected.elements(); i++) {
      assertEquals(
          expected.getFloat(i), found.getFloat(i), 1e-4f * Math.abs(expected.getFloat(i)) + 1e-4f);
    }
  }

  @Test
  void aFloatNetworkHasNoTwin() throws IOException {
    assertTrue(FloatTwin.of(SAMPLES.resolve("mnist-mlp/model.onnx")).isEmpty());
    assertTrue(FloatTwin.of(file("float.onnx", LowBitModel.floats())).isEmpty());
  }

  @Test
  void theInt8TwinQuantizesEveryEdgeOnce() throws IOException {
    Path model = file("float.onnx", LowBitModel.floats());
    byte[] twin = Int8Twin.of(model, List.of(input()));
    List<String> ops = ops(twin);
    // x, conv+relu, pool, flat, dense+relu; the last dense is the output.
    assertEquals(5, Collections.frequency(ops, "QuantizeLinear"), ops.toString());
    // These, three weights, and the biases that the batch norms left.
    assertEquals(5 + 3 + 2, Collections.frequency(ops, "DequantizeLinear"), ops.toString());
    assertEquals(0, Collections.frequency(ops, "BatchNormalization"), ops.toString());
    ModelProto proto = ModelProto.parseFrom(twin);
    List<NodeProto> nodes = proto.getGraph().getNodeList();
    NodeProto pool = nodes.stream().filter(n -> n.getOpType().equals("MaxPool")).findFirst().get();
    NodeProto behind =
        nodes.stream().filter(n -> n.getInputList().contains(pool.getOutput(0))).findFirst().get();
    NodeProto before =
        nodes.stream().filter(n -> n.getOutput(0).equals(pool.getInput(0))).findFirst().get();
    // The same scale before and behind, so that the pool can work on codes.
    assertEquals(before.getInput(1), behind.getInput(1));
  }

  @Test
  void whatCannotBeQuantizedIsToldInOneLine() throws IOException {
    Path junk = file("junk.onnx", new byte[] {1, 2, 3});
    HeluException problem = assertThrows(HeluException.class, () -> FloatTwin.of(junk));
    assertTrue(problem.getMessage().contains("no ONNX model"), problem.getMessage());
    assertThrows(HeluException.class, () -> Int8Twin.of(junk, List.of(input())));
    assertThrows(HeluException.class, () -> FloatTwin.of(folder.resolve("absent.onnx")));
  }
}
