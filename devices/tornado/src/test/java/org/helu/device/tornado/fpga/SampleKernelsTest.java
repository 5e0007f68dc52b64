package org.helu.device.tornado.fpga;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.helu.compiler.Compiler;
import org.helu.compiler.CompilerOptions;
import org.helu.compiler.Mode;
import org.helu.compiler.calibration.EncodingsFile;
import org.helu.compiler.onnx.OnnxImporter;
import org.helu.runtime.data.CifarBinary;
import org.helu.runtime.data.Idx;
import org.helu.runtime.data.LabeledImages;
import org.helu.runtime.data.Pixels;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kernels of the sample networks give the interpreter's logits for a few test images. */
class SampleKernelsTest {
  private static final Path SAMPLES = Path.of(System.getProperty("helu.root", "../.."), "samples");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "mnist-mlp-w1a1, exact, 8",
    "fashion-cnn-w1a1, exact, 2",
    "cifar10-vgg-w1a1, exact, 1",
    "cifar10-resnet8, int8, 2",
    "mnist-mlp, exact, 4"
  })
  void givesTheInterpretersLogits(String name, String mode, int images) throws IOException {
    Path sample = SAMPLES.resolve(name);
    BinarizedGraph graph =
        Compiler.compile(OnnxImporter.read(sample.resolve("model.onnx")), options(sample, mode))
            .graph();
    Tensor x = Tensor.zeros(graph.graph().inputs().getFirst().type().withBatch(images));
    Pixels.toUnitFloats(images(name).images(), 0, x);
    FpgaKernel kernel = FpgaKernel.of(graph);
    assertEquals(List.of(), FpgaLint.problems(kernel.source()));
    assertTrue(kernel.estimate().onChipBits() < 20_000_000, "it fits a board's chip");
    List<Tensor> logits = new PlainC(kernel, folder).run(List.of(x), images);
    Kernels.requireEqual(graph, List.of(x), logits);
  }

  private static CompilerOptions options(Path sample, String mode) {
    if (mode.equals("exact")) {
      return CompilerOptions.DEFAULT;
    }
    Path encodings = sample.resolve("encodings-" + mode + ".json");
    return new CompilerOptions(Mode.INT8, null, false).with(EncodingsFile.read(encodings));
  }

  private static LabeledImages images(String sample) {
    Path data = SAMPLES.resolve("data");
    if (sample.startsWith("cifar10")) {
      return CifarBinary.read(data.resolve("cifar10/test_batch_2000.bin.gz"));
    }
    Path folder = data.resolve(sample.startsWith("mnist") ? "mnist" : "fashion-mnist");
    return Idx.read(
        folder.resolve("t10k-images-idx3-ubyte.gz"), folder.resolve("t10k-labels-idx1-ubyte.gz"));
  }
}
