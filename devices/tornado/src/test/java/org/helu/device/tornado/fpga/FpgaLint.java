package org.helu.device.tornado.fpga;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks through a kernel's source for what the FPGA tools reject, or make slow hardware of.
 *
 * <p>From OpenCL C 1.0, 6.8 (no recursion, function pointers, arrays of unknown size, variadic
 * functions), Intel's programming guide (A.1: no constants in functions, no irreducible control
 * flow, {@code double} is preliminary; single work-items ask for no id and no barrier), and AMD's
 * Vitis HLS guide (no allocation, no recursion, loops with known bounds to be pipelined and
 * unrolled).
 */
final class FpgaLint {
  private static final Pattern WORD =
      Pattern.compile(
          "\\b(printf|double|half|goto|while|do|switch|malloc|free|struct|union|volatile|register"
              + "|barrier|mem_fence|get_\\w+_id|get_\\w+_size|atom(?:ic)?_\\w+|async_\\w+"
              + "|image\\dd_t|sampler_t|size_t|intptr_t|event_t|pipe|va_list)\\b");

  private static final Pattern FUNCTION_POINTER =
      Pattern.compile("\\(\\s*\\*\\s*\\w+\\s*\\)\\s*\\(");

  private static final Pattern LOOP =
      Pattern.compile("\\bfor \\(int (\\w+) = 0; \\1 < (\\d+|samples); \\1\\+\\+\\) \\{");

  /** A declaration: qualifier, type, size. */
  private static final Pattern ARRAY =
      Pattern.compile(
          "^\\s*(__constant |const )?(u?(?:char|short|int|long)|float) \\w+\\[([^]]*)]"
              + "(?: HELU_\\w+\\(\\d+\\))?(?:;| = \\{)");

  private static final Pattern NAME =
      Pattern.compile("^\\s*(?:const )?(?:u?(?:char|short|int|long)|float) (\\w+)(?: =|;|\\[)");

  private static final Pattern FUNCTION = Pattern.compile("^(?:static|__kernel) \\w+ (\\w+)\\(");

  private static final Pattern CALL = Pattern.compile("\\b(helu\\w+)\\(");

  private final List<String> problems = new ArrayList<>();

  private FpgaLint() {}

  /** What is wrong with a source, a line each; empty where nothing is. */
  static List<String> problems(String source) {
    FpgaLint lint = new FpgaLint();
    if (!source.chars().allMatch(c -> c == '\n' || c >= ' ' && c <= '~')) {
      lint.problems.add("a character that is not printable ASCII");
    }
    String code = lint.withoutComments(source);
    lint.words(code);
    lint.lines(code);
    lint.functions(code);
    lint.kernel(code);
    return lint.problems;
  }

  private String withoutComments(String source) {
    String code = source.replaceAll("(?s)/\\*.*?\\*/", "");
    if (code.contains("*/") || code.contains("/*") || code.contains("//")) {
      problems.add("a comment that does not end where it should");
    }
    return code;
  }

  private void words(String code) {
    Matcher word = WORD.matcher(code);
    while (word.find()) {
      problems.add("'" + word.group(1) + "' is no word for hardware");
    }
    if (FUNCTION_POINTER.matcher(code).find()) {
      problems.add("a function pointer");
    }
    if (code.contains("...")) {
      problems.add("a function of any number of arguments");
    }
    if (code.contains("#include")) {
      problems.add("an included file, which TornadoVM does not carry along");
    }
  }

  private void lines(String code) {
    int depth = 0;
    String before = "";
    Deque<Set<String>> scopes = new ArrayDeque<>(List.of(new HashSet<>()));
    for (String line : code.lines().toList()) {
      if (line.contains("for (") && !LOOP.matcher(line).find()) {
        problems.add("a loop whose bound is not known: " + line.strip());
      }
      Matcher array = ARRAY.matcher(line);
      if (array.find()) {
        array(line, array, depth);
      }
      if (depth > 0 && line.contains("__constant")) {
        problems.add("a constant inside of a function: " + line.strip());
      }
      boolean unrolled = before.strip().equals("HELU_UNROLL");
      if (unrolled && !line.matches(".*\\bfor \\(int \\w+ = 0; \\w+ < \\d+;.*")) {
        problems.add("something other than a loop of known length is unrolled: " + line.strip());
      }
      depth += count(line, '{') - count(line, '}');
      Matcher name = NAME.matcher(line);
      if (name.find() && !scopes.peek().add(name.group(1))) {
        problems.add("a name that is declared twice: " + line.strip());
      }
      while (scopes.size() <= depth) {
        scopes.push(new HashSet<>());
      }
      while (scopes.size() > depth + 1 && scopes.size() > 1) {
        scopes.pop();
      }
      before = line;
    }
    if (depth != 0) {
      problems.add("braces that do not match");
    }
  }

  private void array(String line, Matcher array, int depth) {
    if (!array.group(3).matches("[1-9]\\d*")) {
      problems.add("an array of unknown size: " + line.strip());
    }
    if (depth == 0 && !"__constant ".equals(array.group(1))) {
      problems.add("a variable outside of functions: " + line.strip());
    }
  }

  private static int count(String line, char wanted) {
    return (int) line.chars().filter(c -> c == wanted).count();
  }

  /** A function calls only those that are defined above it: there is no recursion. */
  private void functions(String code) {
    Set<String> defined = new HashSet<>();
    String current = null;
    for (String line : code.lines().toList()) {
      Matcher function = FUNCTION.matcher(line);
      if (function.find()) {
        if (current != null) {
          defined.add(current);
        }
        current = function.group(1);
        continue;
      }
      Matcher call = CALL.matcher(line);
      while (call.find()) {
        if (!defined.contains(call.group(1))) {
          problems.add("a call of what is not defined above: " + call.group(1));
        }
      }
    }
  }

  private void kernel(String code) {
    Matcher kernel =
        Pattern.compile(
                "(__attribute__\\(\\(reqd_work_group_size\\(1, 1, 1\\)\\)\\) HELU_SINGLE\\s+)?"
                    + "__kernel void (\\w+)\\(([^)]*)\\)")
            .matcher(code);
    int kernels = 0;
    while (kernel.find()) {
      kernels++;
      if (kernel.group(1) == null) {
        problems.add("a kernel that is no single work-item");
      }
      if (!kernel.group(2).startsWith("helu")) {
        problems.add("a kernel whose name TornadoVM may confuse: " + kernel.group(2));
      }
      String[] arguments = kernel.group(3).split(",");
      for (int i = 4; i < arguments.length; i++) {
        if (!arguments[i].contains("*restrict ")) {
          problems.add("an argument that may be another's array: " + arguments[i].strip());
        }
      }
    }
    if (kernels != 1) {
      problems.add("expected one kernel, found " + kernels);
    }
  }
}
