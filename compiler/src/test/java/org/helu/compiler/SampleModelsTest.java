package org.helu.compiler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.helu.compiler.onnx.ImportedModel;
import org.helu.compiler.onnx.OnnxImporter;
import org.helu.compiler.pass.GoldenFiles;
import org.helu.runtime.graph.GraphPrinter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The committed models: every pass keeps the answers, and the result is as expected. */
class SampleModelsTest {
  @ParameterizedTest
  @ValueSource(strings = {"mnist-mlp", "fashion-cnn", "cifar10-resnet8"})
  void compilesToFusedGates(String sample) throws IOException {
    ImportedModel model = OnnxImporter.read(Path.of("../samples", sample, "model.onnx"));
    Compilation compiled = Compiler.compile(model, new CompilerOptions(Mode.EXACT, null, true));
    CompileReport report = compiled.report();
    assertTrue(report.helus() > 0);
    assertEquals(report.helus(), report.gates(), report.toText());
    assertTrue(report.peakBytes() <= report.unsharedBytes());
    GoldenFiles.compare(
        "compiled-" + sample + ".txt",
        GraphPrinter.print(compiled.graph().graph()) + "\n" + report.toText());
  }
}
