package org.helu.runtime.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.DeviceOp;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.op.IntegerOp;
import org.helu.runtime.op.UnaryKind;
import org.helu.runtime.tensor.ElementType;
import org.junit.jupiter.api.Test;

class OpCodecTest {
  private static DeviceOp decode(String op, String attributes) {
    JsonNode tree = HeaderJson.parse(attributes.getBytes(StandardCharsets.UTF_8));
    return OpCodec.decode(op, new JsonFields(tree, "attributes"), "op");
  }

  private static String failure(String op, String attributes) {
    return assertThrows(FormatException.class, () -> decode(op, attributes)).getMessage();
  }

  private static String encode(DeviceOp op) {
    return new String(HeaderJson.write(OpCodec.encode(op)), StandardCharsets.UTF_8);
  }

  @Test
  void everyDeviceOpHasACase() {
    Set<String> expected =
        Stream.of(DeviceOp.class, IntegerOp.class)
            .flatMap(closed -> Arrays.stream(closed.getPermittedSubclasses()))
            .filter(Class::isRecord)
            .map(Class::getSimpleName)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> found =
        Graphs.cases().stream()
            .map(c -> c.op().name())
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(expected, found);
  }

  @Test
  void everyOpComesBackEqual() {
    for (Graphs.Case c : Graphs.cases()) {
      assertEquals(c.op(), decode(c.op().name(), encode(c.op())));
    }
  }

  @Test
  void everyRecordComponentIsWritten() {
    for (Graphs.Case c : Graphs.cases()) {
      Set<String> written = new TreeSet<>();
      OpCodec.encode(c.op()).fieldNames().forEachRemaining(written::add);
      Set<String> components =
          Arrays.stream(c.op().getClass().getRecordComponents())
              .map(RecordComponent::getName)
              // Written as a list of one, like the epilogues of other ops.
              .map(name -> name.equals("epilogue") ? "epilogues" : name)
              .collect(Collectors.toCollection(TreeSet::new));
      assertEquals(components, written, c.op().name());
    }
  }

  @Test
  void floatsComeBackBitForBit() {
    float[] values = {
      0f,
      -0f,
      0.1f,
      1 / 3f,
      Float.MIN_VALUE,
      -Float.MIN_NORMAL,
      Float.MAX_VALUE,
      16777217f,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.NaN,
      Float.intBitsToFloat(0x15AE43FD)
    };
    for (float value : values) {
      DeviceOp.Unary op = new DeviceOp.Unary(UnaryKind.LINEAR, value, -value);
      DeviceOp.Unary back = (DeviceOp.Unary) decode("Unary", encode(op));
      assertEquals(Float.floatToIntBits(value), Float.floatToIntBits(back.a()), "" + value);
      assertEquals(Float.floatToIntBits(-value), Float.floatToIntBits(back.b()), "" + value);
    }
  }

  @Test
  void everyEnumValueComesBack() {
    for (UnaryKind kind : UnaryKind.values()) {
      DeviceOp op = new DeviceOp.Unary(kind);
      assertEquals(op, decode("Unary", encode(op)));
    }
  }

  @Test
  void readsIntegersWhereFloatsAreExpected() {
    assertEquals(
        new DeviceOp.Unary(UnaryKind.LINEAR, 3, 0),
        decode("Unary", "{\"kind\":\"LINEAR\",\"a\":3,\"b\":0}"));
  }

  @Test
  void namesWhatIsWrong() {
    assertEquals("op: unknown op 'Fft'", failure("Fft", "{}"));
    assertEquals("attributes: field 'axis' is missing", failure("Gather", "{}"));
    assertEquals(
        "attributes: unknown field 'batch'", failure("Gather", "{\"axis\":1,\"batch\":0}"));
    assertEquals(
        "attributes.axis: expected a 32-bit integer, found '1'",
        failure("Gather", "{\"axis\":\"1\"}"));
    assertEquals(
        "attributes.axis: expected a 32-bit integer, found 1.0",
        failure("Gather", "{\"axis\":1.0}"));
    assertEquals(
        "attributes.axis: expected a 32-bit integer, found 2147483648",
        failure("Gather", "{\"axis\":2147483648}"));
    assertEquals(
        "attributes.kind: unknown BinaryKind 'MOD'", failure("Binary", "{\"kind\":\"MOD\"}"));
    assertEquals(
        "attributes.b: 0.1 is not a float32 value",
        failure("Unary", "{\"kind\":\"ABS\",\"a\":0.0,\"b\":0.1}"));
    assertEquals(
        "attributes.b: expected a number, found 'inf'",
        failure("Unary", "{\"kind\":\"ABS\",\"a\":0.0,\"b\":\"inf\"}"));
    assertEquals(
        "attributes.a: expected a number, found Infinity",
        failure("Unary", "{\"kind\":\"ABS\",\"a\":1e999,\"b\":0}"));
    assertEquals(
        "attributes.perm: expected an array, found an object",
        failure("Transpose", "{\"perm\":{}}"));
    assertEquals(
        "attributes.perm[1]: expected a 32-bit integer, found null",
        failure("Transpose", "{\"perm\":[0,null]}"));
    assertEquals(
        "attributes.epilogues[0]: unknown epilogue 'sign'",
        failure("Dense", "{\"bias\":true,\"residual\":true,\"epilogues\":[{\"kind\":\"sign\"}]}"));
    assertEquals(
        "attributes.epilogues[0]: unknown field 'x'",
        failure(
            "Dense",
            "{\"bias\":true,\"residual\":true,\"epilogues\":[{\"kind\":\"gate\",\"x\":1}]}"));
    refusesLowBitAttributes();
    String window = "{\"kernel\":[%s],\"stride\":[1,1],\"dilation\":[1,1],\"pad\":[0,0,0,0]}";
    String pool = "{\"kind\":\"MAX\",\"ceil\":false,\"window\":%s}";
    assertEquals(
        "attributes.window.kernel: expected 2 integers, found 1",
        failure("Pool2d", pool.formatted(window.formatted("3"))));
    assertEquals(
        "attributes: kernel must be in 1..65536, found 0",
        failure("Pool2d", pool.formatted(window.formatted("0,3"))));
    assertEquals(
        "attributes.target: rank 9 exceeds 8",
        failure("Reshape", "{\"target\":[1,1,1,1,1,1,1,1,1]}"));
    assertEquals(
        "attributes.target[1]: expected a 32-bit integer, found 'N'",
        failure("Reshape", "{\"target\":[1,\"N\"]}"));
    assertEquals(
        "attributes.target[0]: expected a dimension of at least 0, found -1",
        failure("Reshape", "{\"target\":[-1]}"));
    String overflow = failure("Reshape", "{\"target\":[1048576,1048576,16777216]}");
    assertTrue(overflow.contains("more than 2^40 elements"), overflow);
    assertTrue(
        failure("Fft".repeat(1000), "{}").length() < 200, "long names are shortened in messages");
  }

  private static void refusesLowBitAttributes() {
    String convert = "{\"epilogues\":[%s]}";
    assertEquals(
        "attributes.epilogues: expected 1 epilogue, found 0",
        failure("Convert", convert.formatted("")));
    assertEquals(
        "attributes: expected 1 to 255 steps to BIT or UINT8 codes, found 256 to BIT",
        failure(
            "Convert", convert.formatted("{\"kind\":\"threshold\",\"steps\":256,\"to\":\"BIT\"}")));
    assertEquals(
        "attributes: expected a shift of 0 to 62 and a highest code of 1 to 255, found 63 and 1",
        failure("Convert", convert.formatted("{\"kind\":\"requantize\",\"shift\":63,\"high\":1}")));
    String dense = "{\"codes\":%s,\"residual\":false,\"epilogues\":[]}";
    assertEquals(
        "attributes.codes: field 'pad' is missing",
        failure("IntegerDense", dense.formatted("{\"step\":1,\"zero\":0}")));
    String wrong = failure("IntegerDense", dense.formatted("{\"step\":3,\"zero\":0,\"pad\":0}"));
    assertTrue(wrong.startsWith("attributes: expected codes with step 1 or 2"), wrong);
  }

  @Test
  void everyEpilogueComesBack() {
    for (Epilogue epilogue :
        List.of(
            new Epilogue.Threshold(1, ElementType.BIT),
            new Epilogue.Threshold(255, ElementType.UINT8),
            new Epilogue.Requantize(62, 255),
            new Epilogue.Quantize(Float.MIN_VALUE, 128, 255),
            Epilogue.AFFINE)) {
      DeviceOp op = new IntegerOp.Convert(epilogue);
      assertEquals(op, decode("Convert", encode(op)));
    }
    DeviceOp gated =
        new IntegerOp.IntegerDense(
            new Codes(2, 255, -7), false, List.of(Epilogue.AFFINE, Epilogue.GATE));
    assertEquals(gated, decode("IntegerDense", encode(gated)));
  }
}
