package org.helu.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.helu.runtime.HeluException;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VariantTest {
  private static final Path SAMPLES = SamplesTest.samplesFolder();

  @TempDir Path temporary;

  @Test
  void encodingsAreVariants() {
    List<Variant> variants = Variant.of(Sample.read(SAMPLES.resolve("cifar10-resnet8")));
    assertEquals(List.of("exact", "int8", "auto"), variants.stream().map(Variant::mode).toList());
    assertEquals("-int8", variants.get(1).suffix());
    assertEquals(1, Variant.of(Sample.read(SAMPLES.resolve("mnist-mlp"))).size());
  }

  @Test
  void unknownModesAreErrors() throws IOException {
    Path folder = Files.createDirectory(temporary.resolve("s"));
    Path from = SAMPLES.resolve("mnist-mlp/reference.json");
    Files.copy(from, folder.resolve("reference.json"));
    Files.writeString(folder.resolve("encodings-int4.json"), "{}");
    HeluException e = assertThrows(HeluException.class, () -> Variant.of(Sample.read(folder)));
    assertTrue(e.getMessage().contains("encodings-int4.json"), e.getMessage());
  }

  @Test
  void trainedLowBitNetworksAreToldApart() throws IOException {
    Path folder = Files.createDirectory(temporary.resolve("s"));
    String json = Files.readString(SAMPLES.resolve("mnist-mlp/reference.json"));
    String lowBit = json.replaceFirst("\\{", "{\"weightBits\": 1, \"activationBits\": 1,");
    Files.writeString(folder.resolve("reference.json"), lowBit);
    Sample sample = Sample.read(folder);
    assertTrue(sample.lowBit());
    assertEquals(List.of("binarized"), Variant.of(sample).stream().map(Variant::mode).toList());
  }

  @Test
  void lossesWithinTheBudgetPass() {
    Variant auto = Variant.of(Sample.read(SAMPLES.resolve("cifar10-resnet8"))).get(2);
    // Of 200 images two may be lost by a budget of one point; a part of the test set has two more.
    assertEquals("", auto.failure(lost(2), false));
    assertTrue(auto.failure(lost(3), false).contains("at most 1.00 points, lost 1.50"));
    assertEquals("", auto.failure(lost(4), true));
    assertTrue(auto.failure(lost(5), true).contains("lost 2.50"));
  }

  /** 200 images, all right in the reference, of which {@code lost} get another class. */
  private static Parity lost(int lost) {
    Tensor reference = Tensor.ofFloats(Shape.of(1, 2), 5, 0);
    Parity parity = new Parity(reference, Tensor.ofLongs(Shape.of(200), new long[200]));
    for (int i = 0; i < 200; i++) {
      Tensor logits = Tensor.ofFloats(Shape.of(1, 2), 5, i < lost ? 9 : 0);
      parity.add(logits, 0, i, 0);
    }
    return parity;
  }
}
