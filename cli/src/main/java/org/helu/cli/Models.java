package org.helu.cli;

import java.nio.file.Path;
import java.util.Locale;
import org.helu.compiler.Compiler;
import org.helu.compiler.CompilerOptions;
import org.helu.compiler.onnx.OnnxImporter;
import org.helu.runtime.format.HeluFile;
import org.helu.runtime.graph.BinarizedGraph;

/** Networks from files. */
final class Models {
  private Models() {}

  /** Whether {@code file} is to be read as ONNX: its name says so. */
  static boolean isOnnx(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".onnx");
  }

  /** A graph that devices run: a .helu file, or an .onnx file compiled in memory. */
  static BinarizedGraph load(Path file) {
    return isOnnx(file)
        ? Compiler.compile(OnnxImporter.read(file), CompilerOptions.DEFAULT).graph()
        : HeluFile.read(file);
  }
}
