package org.helu.compiler.onnx;

import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.helu.runtime.HeluException;
import org.junit.jupiter.api.Test;

/** Damaged models end in a HeluException or import; nothing else, and soon. */
class ImporterFuzzTest {
  private static final int CASES = Integer.getInteger("helu.fuzzCases", 2500);
  private static final long SEED = Long.getLong("helu.fuzzSeed", 20261122);

  /** Heap that one small model may cost; good ones take about 1 MiB. */
  private static final long MAX_BYTES = 96 << 20;

  private static final long[] ABSURD = {
    0,
    -1,
    1,
    2,
    1000,
    65_536,
    1 << 20,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    Integer.MIN_VALUE + 1,
    1L << 32,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  @Test
  void damagedModelsNeverCrash() {
    List<byte[]> models = models();
    Random random = new Random(SEED);
    int rejected = 0;
    for (int i = 0; i < CASES; i++) {
      byte[] original = models.get(random.nextInt(models.size()));
      byte[] damaged = damage(original, random);
      String place = "seed " + SEED + ", case " + i;
      rejected += assertTimeout(Duration.ofSeconds(20), () -> rejects(damaged, place), place);
    }
    // A flipped weight bit leaves a good model; most structural damage must be told.
    assertTrue(rejected > CASES / 4, "only " + rejected + " of " + CASES + " were rejected");
  }

  /** A trained model as it is shipped: its weights are most of the file. */
  @Test
  void damagedSampleNeverCrashes() throws IOException {
    Path sample = Path.of(System.getProperty("helu.root", ".."), "samples/mnist-mlp/model.onnx");
    byte[] original = Files.readAllBytes(sample);
    Random random = new Random(SEED);
    for (int i = 0; i < CASES / 10; i++) {
      byte[] damaged = damage(original, random);
      String place = "seed " + SEED + ", case " + i;
      assertTimeout(Duration.ofSeconds(20), () -> rejects(damaged, place), place);
    }
  }

  /** Well-formed messages with absurd numbers: dimensions, axes, sizes, opsets. */
  @Test
  void absurdNumbersNeverCrash() throws IOException {
    List<byte[]> models = models();
    Random random = new Random(SEED);
    for (int i = 0; i < CASES; i++) {
      byte[] original = models.get(random.nextInt(models.size()));
      ModelProto.Builder model = ModelProto.parseFrom(original).toBuilder();
      for (int n = 1 + random.nextInt(2); n > 0; n--) {
        exaggerate(model, random);
      }
      byte[] damaged = model.build().toByteArray();
      String place = "seed " + SEED + ", case " + i;
      assertTimeout(Duration.ofSeconds(20), () -> rejects(damaged, place), place);
    }
  }

  /** Walks down to a random integer of the message and replaces it. */
  private static void exaggerate(Message.Builder message, Random random) {
    List<FieldDescriptor> fields = new ArrayList<>(message.getAllFields().keySet());
    Collections.shuffle(fields, random);
    for (FieldDescriptor field : fields) {
      int count = field.isRepeated() ? message.getRepeatedFieldCount(field) : 0;
      int index = count == 0 ? 0 : random.nextInt(count);
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        exaggerate(
            field.isRepeated()
                ? message.getRepeatedFieldBuilder(field, index)
                : message.getFieldBuilder(field),
            random);
        return;
      }
      Object value = absurd(field, random);
      if (value != null) {
        if (field.isRepeated()) {
          message.setRepeatedField(field, index, value);
        } else {
          message.setField(field, value);
        }
        return;
      }
    }
  }

  private static Object absurd(FieldDescriptor field, Random random) {
    long number = ABSURD[random.nextInt(ABSURD.length)];
    return switch (field.getJavaType()) {
      case LONG -> number;
      case INT -> (int) number;
      case FLOAT -> random.nextBoolean() ? Float.NaN : (float) number;
      case BYTE_STRING -> {
        ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        yield ByteString.copyFrom(bytes.putLong(number).putLong(number).array());
      }
      default -> null;
    };
  }

  private static int rejects(byte[] model, String place) {
    long before = allocatedBytes();
    try {
      OnnxImporter.read(model, null);
      assertTrue(allocatedBytes() - before < MAX_BYTES, place + ": allocates too much");
      return 0;
    } catch (HeluException e) {
      assertTrue(allocatedBytes() - before < MAX_BYTES, place + ": allocates too much");
      assertTrue(!e.getMessage().contains("\n"), place + ": " + e.getMessage());
      return 1;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      return fail(place + ": " + e, e);
    }
  }

  private static long allocatedBytes() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  /** Small networks of every kind, so that structure outweighs weights. */
  private static List<byte[]> models() {
    List<byte[]> models = new ArrayList<>();
    for (long seed = 0; seed < 110; seed += 3) {
      byte[] model = new RandomNetwork(seed).bytes();
      if (model.length < 6000) {
        models.add(model);
      }
    }
    for (long seed = 0; seed < 8; seed++) {
      models.add(QuantizedModels.linear(seed));
      models.add(QuantizedModels.qonnx(seed));
    }
    return models;
  }

  private static byte[] damage(byte[] original, Random random) {
    byte[] bytes = original.clone();
    switch (random.nextInt(5)) {
      case 0 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      case 1 -> {
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
      case 2 -> {
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
      }
      case 3 -> {
        // Another number at the place of a small one: dimensions, axes, lengths.
        int at = random.nextInt(bytes.length);
        for (int i = 0; i < bytes.length && bytes[at] >= 16; i++) {
          at = (at + 1) % bytes.length;
        }
        bytes[at] = (byte) new int[] {0, 1, 2, 3, 63, 64, 127, -1}[random.nextInt(8)];
      }
      default -> {
        int from = random.nextInt(bytes.length);
        int to = random.nextInt(bytes.length);
        int length = Math.min(random.nextInt(32), bytes.length - Math.max(from, to));
        System.arraycopy(original, from, bytes, to, length);
      }
    }
    return bytes;
  }
}
