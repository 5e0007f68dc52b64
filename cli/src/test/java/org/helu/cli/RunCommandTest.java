package org.helu.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.helu.runtime.data.Npy;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunCommandTest {
  @TempDir Path folder;
  private Path input;
  private Path output;

  @BeforeEach
  void name() {
    input = folder.resolve("x.npy");
    output = folder.resolve("y.npy");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 16, 17, 255, 256, 257, 1000})
  void anyNumberOfSamplesIsRun(int samples) {
    long seed = 3;
    Random random = new Random(seed);
    float[] x = new float[samples * 4];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextInt(-8, 9) / 4f;
    }
    Npy.write(input, Tensor.ofFloats(Shape.of(samples, 4), x));
    Cli.run("run", TinyModels.helu(folder, 0), "--input", input, "--output", output)
        .expect(ExitCode.OK);
    Tensor y = Npy.read(output);
    assertEquals(Shape.of(samples, 2), y.shape());
    float[] actual = y.toFloats();
    for (int sample = 0; sample < samples; sample++) {
      float[] expected = TinyModels.expected(Arrays.copyOfRange(x, sample * 4, sample * 4 + 4));
      assertArrayEquals(
          expected,
          Arrays.copyOfRange(actual, sample * 2, sample * 2 + 2),
          "sample " + sample + ", seed " + seed);
    }
  }

  @Test
  void onnxIsCompiledInMemory() throws IOException {
    Npy.write(input, Tensor.ofFloats(Shape.of(1, 4), 1, -2, 3, 0));
    Cli.run("run", TinyModels.onnx(folder), "--input", input, "--output", output)
        .expect(ExitCode.OK);
    assertArrayEquals(new float[] {3, 4}, Npy.read(output).toFloats());
  }

  @Test
  void profilesNameTheSteps() throws IOException {
    Npy.write(input, Tensor.ofFloats(Shape.of(3, 4), new float[12]));
    Path model = TinyModels.helu(folder, 0);
    String text =
        Cli.run("run", model, "--input", input, "--profile", "--batch", 2)
            .expect(ExitCode.OK)
            .out();
    assertTrue(text.contains("profile of 2 samples on vector"), text);
    assertTrue(text.contains("Dense") && text.contains("whole run"), text);
    JsonNode json =
        Cli.run("run", model, "--input", input, "--profile", "--json").expect(ExitCode.OK).json();
    assertEquals(3, json.at("/profile/samples").asInt());
    assertTrue(json.at("/profile/steps").size() > 0, json.toString());
    for (JsonNode step : json.at("/profile/steps")) {
      assertTrue(step.get("nanos").asLong() > 0, json.toString());
    }
    String reference =
        Cli.run("run", model, "--input", input, "--profile", "--device", "reference")
            .expect(ExitCode.OK)
            .out();
    assertTrue(reference.contains("does not tell"), reference);
  }

  @Test
  void topClassesAreText() {
    Npy.write(input, Tensor.ofFloats(Shape.of(2, 4), 1, -2, 3, 0, 5, 0, 0, 0));
    Path model = TinyModels.helu(folder, 0);
    Cli.Result result = Cli.run("run", model, "--input", input, "--top", 1).expect(ExitCode.OK);
    assertEquals("0: 1 (4.0000)\n1: 0 (5.0000)\n", result.out());
    assertEquals(2, Cli.run("run", model, "--input", input).out().lines().count());
    assertEquals("", Cli.run("run", model, "--input", input, "--output", output).out());
    Cli.run("run", model, "--input", input, "--top", 0).expectError(ExitCode.USAGE, "--top");
  }

  @Test
  void jsonTellsTopAndFiles() {
    Npy.write(input, Tensor.ofFloats(Shape.of(1, 4), 1, -2, 3, 0));
    Path model = TinyModels.helu(folder, 0);
    JsonNode json =
        Cli.run("run", model, "--input", input, "--output", output, "--top", 2, "--json")
            .expect(ExitCode.OK)
            .json();
    assertEquals(1, json.get("samples").intValue());
    assertEquals(output.toString(), json.get("outputs").get(0).get("file").textValue());
    assertEquals(1, json.get("top").get(0).get(0).get("index").intValue());
    assertEquals(3.0, json.get("top").get(0).get(1).get("value").doubleValue());
  }

  @Test
  void inputsAndOutputsAreNamedWhereThereAreSeveral() {
    Path b = folder.resolve("b.npy");
    Npy.write(input, Tensor.ofFloats(Shape.of(1, 2), 1, 2));
    Npy.write(b, Tensor.ofFloats(Shape.of(1, 2), 10, 20));
    Path model = TinyModels.twoOutputs(folder);
    Path other = folder.resolve("d.npy");
    Cli.run(
            "run",
            model,
            "--input",
            "b=" + b,
            "--input",
            "a=" + input,
            "--output",
            "sum=" + output,
            "--output",
            "difference=" + other)
        .expect(ExitCode.OK);
    assertArrayEquals(new float[] {11, 22}, Npy.read(output).toFloats());
    assertArrayEquals(new float[] {-9, -18}, Npy.read(other).toFloats());
    Cli.run("run", model, "--input", input).expectError(ExitCode.BAD_INPUT, "NAME=FILE");
  }

  @Test
  void picturesAndIdxAreInputs() throws IOException {
    Path model = TinyModels.flatten(folder);
    BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_GRAY);
    image.getRaster().setPixels(0, 0, 2, 2, new int[] {0, 51, 102, 255});
    Path png = folder.resolve("x.png");
    ImageIO.write(image, "png", png.toFile());
    float[] expected = {0, 51 / 255f, 102 / 255f, 1};
    Cli.run("run", model, "--input", png, "--output", output).expect(ExitCode.OK);
    assertArrayEquals(expected, Npy.read(output).toFloats());

    Path idx = folder.resolve("x-idx3-ubyte.gz");
    try (OutputStream stream = new GZIPOutputStream(Files.newOutputStream(idx))) {
      stream.write(new byte[] {0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2});
      stream.write(new byte[] {0, 51, 102, -1});
    }
    Cli.run("run", model, "--input", idx, "--output", output).expect(ExitCode.OK);
    assertArrayEquals(expected, Npy.read(output).toFloats());
    Cli.run("run", TinyModels.twoOutputs(folder), "--input", "a=" + idx, "--input", "b=" + idx)
        .expectError(ExitCode.BAD_INPUT, "x-idx3-ubyte.gz");
  }

  @Test
  void badInputsAreOneLine() throws IOException {
    Path model = TinyModels.helu(folder, 0);
    Cli.run("run", model, "--input", input).expectError(ExitCode.IO, "x.npy");
    Npy.write(input, Tensor.ofFloats(Shape.of(1000, 5), new float[5000]));
    Cli.run("run", model, "--input", input, "--output", output)
        .expectError(ExitCode.BAD_INPUT, "[Nx4]", "[1000x5]");
    assertFalse(Files.exists(output));
    Npy.write(input, Tensor.ofFloats(Shape.of(), 1));
    Cli.run("run", model, "--input", input).expectError(ExitCode.BAD_INPUT);
    Files.write(input, new byte[] {1, 2, 3});
    Cli.run("run", model, "--input", input).expectError(ExitCode.BAD_INPUT, "x.npy");
    Path unknown = Files.write(folder.resolve("x.dat"), new byte[] {1});
    Cli.run("run", model, "--input", unknown).expectError(ExitCode.BAD_INPUT, "x.dat");
  }

  @Test
  void unwritableOutputsAreIoErrors() {
    Npy.write(input, Tensor.ofFloats(Shape.of(1, 4), 1, 2, 3, 4));
    Path unreachable = folder.resolve("no/folder/y.npy");
    Cli.run("run", TinyModels.helu(folder, 0), "--input", input, "--output", unreachable)
        .expectError(ExitCode.IO, "y.npy");
  }

  @Test
  void devicesAreChosenByName() {
    Npy.write(input, Tensor.ofFloats(Shape.of(1, 4), 1, -2, 3, 0));
    Path model = TinyModels.helu(folder, 0);
    JsonNode json =
        Cli.run("run", model, "--input", input, "--device", "reference", "--json").json();
    assertEquals("reference", json.get("device").textValue());
    Cli.run("run", model, "--input", input, "--device", "abacus")
        .expectError(ExitCode.DEVICE_UNAVAILABLE, "abacus", "reference");
    assertTrue(
        Cli.run("run", model, "--input", input, "--threads", -1)
            .expect(ExitCode.BAD_INPUT)
            .err()
            .contains("threads"));
  }
}
