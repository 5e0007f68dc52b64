package org.helu.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.helu.compiler.calibration.CalibrationData;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.Npy;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.GraphBuilder;
import org.helu.runtime.graph.GraphInput;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibrateCommandTest {
  @TempDir Path folder;

  private Path samples(int count) {
    SplittableRandom random = new SplittableRandom(9);
    float[] values = new float[count * 4];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (4 * random.nextDouble() - 2);
    }
    Path file = folder.resolve("samples" + count + ".npy");
    Npy.write(file, Tensor.ofFloats(Shape.of(count, 4), values));
    return file;
  }

  @Test
  void int8IsCertifiedAndRepeatedFromItsEncodings() throws IOException {
    Path model = TinyModels.onnx(folder);
    Path first = folder.resolve("first.helu");
    Path encodings = folder.resolve("encodings.json");
    Cli.Result result =
        Cli.run(
                "compile",
                model,
                "-o",
                first,
                "--mode",
                "int8",
                "--calibrate",
                samples(100),
                "--save-encodings",
                encodings)
            .expect(ExitCode.OK);
    assertTrue(result.out().contains("certified on 50 samples that chose nothing"), result.out());
    Path second = folder.resolve("second.helu");
    Cli.run("compile", model, "-o", second, "--mode", "int8", "--encodings", encodings)
        .expect(ExitCode.OK);
    assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(second));
    String text = Cli.run("inspect", first).expect(ExitCode.OK).out();
    assertTrue(text.contains("fc1 u8s8, fc2 u8s8"), text);
    JsonNode certificate =
        Cli.run("inspect", first, "--json").json().get("provenance").get("certificate");
    assertEquals(50, certificate.get("samples").intValue());
    assertFalse(certificate.get("labelled").booleanValue());
    assertFalse(certificate.has("budget"));
  }

  @Test
  void autoReportsItsCurve() throws IOException {
    Path model = TinyModels.onnx(folder);
    Path output = folder.resolve("auto.helu");
    Path curve = folder.resolve("curve.svg");
    JsonNode json =
        Cli.run(
                "compile",
                model,
                "-o",
                output,
                "--mode",
                "auto",
                "--max-drop",
                "30",
                "--cost-model",
                "bops",
                "--calibrate",
                samples(100),
                "--curve",
                curve,
                "--json")
            .expect(ExitCode.OK)
            .json();
    JsonNode search = json.get("report").get("search");
    assertEquals("BOPs", search.get("costUnit").textValue());
    assertEquals(2, search.get("sensitivity").size());
    assertTrue(search.get("curve").size() > 0);
    JsonNode certificate = json.get("report").get("certificate");
    assertTrue(certificate.get("drop").doubleValue() <= 0.3, certificate.toString());
    String svg = Files.readString(curve);
    assertTrue(svg.startsWith("<svg") && svg.endsWith("</svg>\n"), svg);
    assertTrue(svg.contains("budget 30.00"), svg);
  }

  @Test
  void aBudgetThatCannotBeMetWritesNothing() throws IOException {
    Path model = TinyModels.onnx(folder);
    Path output = folder.resolve("auto.helu");
    // Of 2,000 random samples some lie so near to a tie that 8 bits decide otherwise.
    Object[] start = {"compile", model, "-o", output, "--calibrate", samples(4000)};
    run(start, "--mode", "int8", "--max-drop", 0)
        .expectError(ExitCode.BAD_INPUT, "compile/int8", "'fc1'", "(u8s8)", "--max-drop");
    run(start, "--mode", "auto", "--max-drop", 0, "--cost-model", "bops")
        .expectError(ExitCode.BAD_INPUT, "compile/auto", "'fc2'", "that certify", "--max-drop");
    assertFalse(Files.exists(output));
  }

  private Path labels(int count, int classes) {
    int[] values = new int[count];
    for (int i = 0; i < count; i++) {
      values[i] = i % (classes + 1);
    }
    Path file = folder.resolve("labels" + count + ".npy");
    Npy.write(file, Tensor.ofInts(Shape.of(count), values));
    return file;
  }

  @Test
  void badDataIsOneLineAndWritesNothing() throws IOException {
    Path model = TinyModels.onnx(folder);
    Path output = folder.resolve("x.helu");
    Object[] start = {"compile", model, "-o", output, "--mode", "int8", "--calibrate"};
    Path wrong = folder.resolve("wrong.npy");
    Npy.write(wrong, Tensor.ofFloats(Shape.of(10, 5), new float[50]));
    run(start, wrong).expectError(ExitCode.BAD_INPUT, "expected float32[Nx4]", "float32[10x5]");
    Path empty = folder.resolve("empty.npy");
    Npy.write(empty, Tensor.ofFloats(Shape.of(0, 4)));
    run(start, empty).expectError(ExitCode.BAD_INPUT, "empty");
    Path broken = folder.resolve("broken.npy");
    Npy.write(broken, Tensor.ofFloats(Shape.of(2, 4), 0, 0, 0, 0, 0, Float.NaN, 0, 0));
    run(start, broken).expectError(ExitCode.BAD_INPUT, "NaN in sample 1");
    run(start, folder.resolve("none.npy")).expectError(ExitCode.IO, "none.npy");
    run(start, folder.resolve("data.txt")).expectError(ExitCode.BAD_INPUT, "data.txt");
    run(start, samples(10), "--labels", labels(3, 1))
        .expectError(ExitCode.BAD_INPUT, "a label for each of 10 samples, found 3");
    run(start, samples(10), "--labels", labels(10, 4))
        .expectError(ExitCode.BAD_INPUT, "label of sample 2: expected 0 to 1, found 2");
    assertFalse(Files.exists(output));
  }

  private static Cli.Result run(Object[] start, Object... more) {
    Object[] all = java.util.Arrays.copyOf(start, start.length + more.length);
    System.arraycopy(more, 0, all, start.length, more.length);
    return Cli.run(all);
  }

  @Test
  void optionsBelongToModes() throws IOException {
    Path model = TinyModels.onnx(folder);
    Object[] start = {"compile", model, "-o", folder.resolve("x.helu")};
    run(start, "--max-drop", 1).expectError(ExitCode.USAGE, "--mode int8");
    run(start, "--mode", "int8").expectError(ExitCode.USAGE, "--calibrate or --encodings");
    run(start, "--mode", "auto", "--calibrate", "x.npy").expectError(ExitCode.USAGE, "--max-drop");
    run(start, "--mode", "int8", "--calibrate", "x.npy", "--max-drop", -1)
        .expectError(ExitCode.USAGE, "0 to 100");
    run(start, "--mode", "int8", "--calibrate", "x.npy", "--calibration-method", "magic")
        .expectError(ExitCode.USAGE, "percentile");
    run(start, "--mode", "int8", "--encodings", "e.json", "--max-drop", 1)
        .expectError(ExitCode.USAGE, "--encodings takes no --max-drop");
  }

  @Test
  void foldersOfPicturesTellTheirClasses() throws IOException {
    GraphBuilder builder = new GraphBuilder("pictures");
    builder.input(new GraphInput("x", TensorType.float32(Shape.BATCH, 1, 2, 3)));
    builder.add(new DeviceOp.Reshape(Shape.of(Shape.BATCH, 6)), "y", "x");
    Graph graph = builder.output("y").build();
    Path pictures = folder.resolve("pictures");
    for (String name : new String[] {"cat/b.png", "cat/a.png", "dog/a.png"}) {
      Path file = pictures.resolve(name);
      Files.createDirectories(file.getParent());
      BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_GRAY);
      image.getRaster().setSample(0, 0, 0, name.equals("cat/b.png") ? 255 : 51);
      ImageIO.write(image, "png", file.toFile());
    }
    CalibrationData data = CalibrationFiles.read(graph, pictures, null);
    assertArrayEquals(new int[] {0, 0, 1}, data.labels());
    assertEquals(Shape.of(3, 1, 2, 3), data.inputs().shape());
    assertEquals(0.2f, data.inputs().getFloat(0));
    assertEquals(1, data.inputs().getFloat(6));
    Path flat = Files.createDirectories(folder.resolve("flat"));
    HeluException none =
        Assertions.assertThrows(
            HeluException.class, () -> CalibrationFiles.read(graph, flat, null));
    assertTrue(none.getMessage().contains("holds no .png"), none.getMessage());
    Files.copy(pictures.resolve("dog/a.png"), pictures.resolve("stray.png"));
    HeluException both =
        Assertions.assertThrows(
            HeluException.class, () -> CalibrationFiles.read(graph, pictures, null));
    assertTrue(both.getMessage().contains("both pictures and folders"), both.getMessage());
  }
}
