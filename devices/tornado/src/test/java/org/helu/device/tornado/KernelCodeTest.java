package org.helu.device.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.helu.device.tornado.kernel.ElementwiseKernels;
import org.helu.runtime.op.BinaryKind;
import org.helu.runtime.op.PoolKind;
import org.helu.runtime.op.ReduceKind;
import org.helu.runtime.op.UnaryKind;
import org.junit.jupiter.api.Test;

/** Keeps out of the kernels what TornadoVM 5.2 compiles wrongly, see docs/devices.md. */
class KernelCodeTest {
  private static final String PACKAGE = "org.helu.device.tornado.kernel";

  /** Signed right shifts of negatives are logical on PTX, unsigned ones signed on OpenCL. */
  private static final Set<Opcode> SHIFTS =
      Set.of(Opcode.ISHR, Opcode.LSHR, Opcode.IUSHR, Opcode.LUSHR);

  /** What javac makes of {@code a <= b} and {@code a >= b} of floats: true for NaN on OpenCL. */
  private static final Set<String> NAN_COMPARISONS =
      Set.of("FCMPG IFGT", "FCMPL IFLT", "DCMPG IFGT", "DCMPL IFLT");

  /** Methods that are wrong, crash or are missing on some backend. */
  private static final Set<String> METHODS =
      Set.of(
          "compareUnsigned",
          "divideUnsigned",
          "remainderUnsigned",
          "rotateLeft",
          "rotateRight",
          "numberOfLeadingZeros",
          "numberOfTrailingZeros",
          "reverse",
          "reverseBytes",
          "highestOneBit",
          "lowestOneBit",
          "intBitsToFloat",
          "floatToIntBits",
          "floatToRawIntBits",
          "round",
          "rint",
          "floorMod",
          "floorDiv");

  /** Parameters keep their names in OpenCL C, where these are functions or words. */
  private static final Set<String> NAMES =
      Set.of(
          "abs",
          "acos",
          "all",
          "any",
          "asin",
          "atan",
          "cbrt",
          "ceil",
          "clamp",
          "cos",
          "cross",
          "distance",
          "dot",
          "erf",
          "exp",
          "floor",
          "fma",
          "fract",
          "global",
          "half",
          "hypot",
          "int8",
          "kernel",
          "length",
          "local",
          "log",
          "mad",
          "max",
          "min",
          "mix",
          "normalize",
          "popcount",
          "pow",
          "private",
          "read_only",
          "rotate",
          "round",
          "select",
          "sign",
          "sin",
          "smoothstep",
          "sqrt",
          "step",
          "tan",
          "tanh",
          "trunc",
          "upsample");

  @Test
  void kernelsAreFreeOfWhatIsMiscompiled() throws IOException {
    List<String> found = new ArrayList<>();
    int kernels = 0;
    for (ClassModel model : classes()) {
      for (MethodModel method : model.methods()) {
        found.addAll(problems(model, method));
        kernels += method.methodName().stringValue().startsWith("helu") ? 1 : 0;
      }
    }
    assertEquals(List.of(), found);
    assertTrue(kernels >= 35, "kernels seen: " + kernels);
  }

  @Test
  void theCheckFindsWhatItLooksFor() throws IOException {
    ClassModel model = ClassFile.of().parse(bytes(Bad.class));
    for (MethodModel method : model.methods()) {
      String name = method.methodName().stringValue();
      if (!name.equals("<init>")) {
        assertFalse(problems(model, method).isEmpty(), name);
      }
    }
  }

  @Test
  void loopsAreLeftByTheirConditionOnly() throws IOException {
    Path sources = Path.of("src/main/java", PACKAGE.replace('.', '/'));
    try (Stream<Path> files = Files.list(sources)) {
      for (Path file : files.filter(path -> path.toString().endsWith("Kernels.java")).toList()) {
        String code = Files.readString(file).replaceAll("(?s)/\\*.*?\\*/|//[^\n]*", "");
        for (String word : List.of("break", "continue", "throw", "new")) {
          assertFalse(code.matches("(?s).*\\b" + word + "\\b.*"), file + " uses " + word);
        }
      }
    }
  }

  @Test
  void kernelsAreNamedAndTakeAtMostTwentyArguments() throws IOException {
    for (ClassModel model : classes()) {
      String name = model.thisClass().asInternalName().replace('/', '.');
      Class<?> type;
      try {
        type = Class.forName(name);
      } catch (ClassNotFoundException e) {
        throw new AssertionError(e);
      }
      for (Method method : type.getDeclaredMethods()) {
        if (Modifier.isPublic(method.getModifiers())) {
          assertTrue(method.getName().startsWith("helu"), method::toString);
          assertTrue(method.getParameterCount() <= 20, method::toString);
          Arrays.stream(method.getParameters())
              .forEach(p -> assertFalse(NAMES.contains(p.getName()), method + ": " + p));
        }
      }
    }
  }

  /** The kernels' switches name the kinds by number. */
  @Test
  void ordinalsAreThoseOfTheKernels() {
    assertEquals(
        "[ABS, NEG, SIGN, EXP, LOG, SQRT, RECIPROCAL, FLOOR, CEIL, ROUND, SIGMOID, TANH, ERF,"
            + " SOFTPLUS, SOFTSIGN, LEAKY_RELU, ELU, SELU, CLIP, HARD_SIGMOID, HARD_SWISH, GELU,"
            + " GELU_TANH, SWISH, MISH, LINEAR, NOT]",
        Arrays.toString(UnaryKind.values()));
    assertEquals(
        "[ADD, SUB, MUL, DIV, POW, MIN, MAX, PRELU, GREATER, GREATER_OR_EQUAL, LESS,"
            + " LESS_OR_EQUAL, EQUAL, AND, OR, XOR]",
        Arrays.toString(BinaryKind.values()));
    assertEquals("[MAX, AVERAGE, AVERAGE_INCLUDE_PAD]", Arrays.toString(PoolKind.values()));
    assertEquals("[MEAN, SUM, PROD, MAX, MIN]", Arrays.toString(ReduceKind.values()));
  }

  private static List<String> problems(ClassModel model, MethodModel method) {
    String where = model.thisClass().asInternalName() + "." + method.methodName().stringValue();
    List<String> found = new ArrayList<>();
    Opcode previous = Opcode.NOP;
    for (CodeElement element : method.code().orElseThrow()) {
      if (!(element instanceof Instruction instruction)) {
        continue;
      }
      Opcode opcode = instruction.opcode();
      if (SHIFTS.contains(opcode)) {
        found.add(where + ": " + opcode);
      }
      if (NAN_COMPARISONS.contains(previous + " " + opcode)) {
        found.add(where + ": <= or >= of floats");
      }
      if (opcode == Opcode.F2L || opcode == Opcode.D2L) {
        found.add(where + ": float to long goes through int");
      }
      if (instruction instanceof InvokeInstruction call
          && METHODS.contains(call.name().stringValue())
          && !call.owner().asInternalName().startsWith(PACKAGE.replace('.', '/'))) {
        found.add(where + ": " + call.name().stringValue());
      }
      previous = opcode;
    }
    return found;
  }

  private static List<ClassModel> classes() throws IOException {
    List<ClassModel> models = new ArrayList<>();
    Path folder =
        Path.of(
            ElementwiseKernels.class.getProtectionDomain().getCodeSource().getLocation().getPath(),
            PACKAGE.replace('.', '/'));
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(path -> !path.endsWith("package-info.class")).toList()) {
        models.add(ClassFile.of().parse(file));
      }
    }
    return models;
  }

  private static byte[] bytes(Class<?> type) throws IOException {
    try (var stream = type.getResourceAsStream(type.getName().replaceAll(".*\\.", "") + ".class")) {
      return stream.readAllBytes();
    }
  }

  /** One method for each kind of problem. */
  static final class Bad {
    static int shift(int x) {
      return x >>> 3;
    }

    static int signedShift(int x) {
      return x >> 3;
    }

    static float atMost(float x) {
      return x <= 0f ? 1f : x;
    }

    static float atLeast(float x) {
      return x >= 0f ? 1f : x;
    }

    static long convert(float x) {
      return (long) x;
    }

    static long rotated(long x) {
      return Long.rotateLeft(x, 3);
    }
  }
}
