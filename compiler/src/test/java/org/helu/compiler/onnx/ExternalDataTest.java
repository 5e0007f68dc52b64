package org.helu.compiler.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.helu.runtime.HeluException;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** External data is read from inside the model's folder and from nowhere else. */
class ExternalDataTest {
  @TempDir private Path temporary;

  private Path folder;

  @BeforeEach
  void writeData() throws IOException {
    folder = Files.createDirectories(temporary.resolve("model"));
    ByteBuffer data = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
    data.putInt(0).putFloat(1).putFloat(2).putFloat(3).putFloat(4);
    Files.createDirectories(folder.resolve("weights"));
    Files.write(folder.resolve("weights/w.bin"), data.array());
    Files.write(temporary.resolve("secret.bin"), data.array());
  }

  private Path model(String... entries) throws IOException {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(1)
            .addDims(4)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL);
    for (int i = 0; i < entries.length; i += 2) {
      tensor.addExternalData(ModelBuilder.entry(entries[i], entries[i + 1]));
    }
    ModelBuilder model = new ModelBuilder(18, 0);
    model.input("x", "N", 4);
    model.initializer(tensor.build());
    model.output(model.node("Add", List.of("x", "w")));
    return Files.write(folder.resolve("model.onnx"), model.bytes());
  }

  private void rejects(String part, String... entries) throws IOException {
    Path file = model(entries);
    HeluException e = assertThrows(HeluException.class, () -> OnnxImporter.read(file));
    assertTrue(e.getMessage().contains("initializer 'w'"), e.getMessage());
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void readsFromTheModelsFolder() throws IOException {
    Path file = model("location", "weights/w.bin", "offset", "4", "length", "16");
    Tensor x = Tensor.ofFloats(Shape.of(1, 4), 0, 0, 0, 0);
    Tensor y = new Interpreter(OnnxImporter.read(file).graph()).run(List.of(x)).get(0);
    assertArrayEquals(new float[] {1, 2, 3, 4}, y.toFloats());
  }

  @Test
  void rejectsOtherPlaces() throws IOException {
    rejects("outside the model's folder", "location", "../secret.bin");
    rejects("outside the model's folder", "location", "weights/../../secret.bin");
    String absolute = temporary.resolve("secret.bin").toAbsolutePath().toString();
    rejects("outside the model's folder", "location", absolute);
    rejects("missing from the model's folder", "location", "none.bin");
    rejects("not a regular file", "location", "weights");
    rejects("without a location", "offset", "0");
    rejects("missing from the model's folder", "location", "nul\0byte");
  }

  @Test
  void rejectsLinksThatLeaveTheFolder() throws IOException {
    Files.createSymbolicLink(folder.resolve("link.bin"), temporary.resolve("secret.bin"));
    rejects("outside the model's folder", "location", "link.bin", "offset", "4");
    Files.createSymbolicLink(folder.resolve("up"), temporary);
    rejects("outside the model's folder", "location", "up/secret.bin", "offset", "4");
  }

  @Test
  void followsLinksInsideTheFolder() throws IOException {
    Files.createSymbolicLink(folder.resolve("inside.bin"), folder.resolve("weights/w.bin"));
    OnnxImporter.read(model("location", "inside.bin", "offset", "4"));
  }

  @Test
  void rejectsRangesOutsideTheFile() throws IOException {
    String place = "weights/w.bin";
    rejects("holds 20 bytes", "location", place, "offset", "8");
    rejects("holds 20 bytes", "location", place, "offset", Long.toString(Long.MAX_VALUE));
    rejects("not a size in bytes", "location", place, "offset", "-4");
    rejects("not a size in bytes", "location", place, "offset", "9223372036854775808");
    rejects("the shape takes 16", "location", place, "length", "8");
    rejects("gives offset twice", "location", place, "offset", "4", "offset", "0");
  }

  @Test
  void rejectsExternalDataWithoutAFolder() throws IOException {
    byte[] bytes = Files.readAllBytes(model("location", "weights/w.bin", "offset", "4"));
    HeluException e = assertThrows(HeluException.class, () -> OnnxImporter.read(bytes, null));
    assertTrue(e.getMessage().contains("not read from a folder"), e.getMessage());
  }
}
