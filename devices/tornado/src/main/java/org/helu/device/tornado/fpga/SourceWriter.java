package org.helu.device.tornado.fpga;

import java.util.Locale;
import java.util.function.Consumer;

/** Writes indented C. */
final class SourceWriter {
  private final StringBuilder text = new StringBuilder();
  private int depth;

  /** One line, formatted as by {@link String#format}. */
  SourceWriter line(String format, Object... arguments) {
    text.append("  ".repeat(depth));
    text.append(arguments.length == 0 ? format : String.format(Locale.ROOT, format, arguments));
    text.append('\n');
    return this;
  }

  /** An empty line. */
  SourceWriter gap() {
    text.append('\n');
    return this;
  }

  /** Lines as they are. */
  SourceWriter append(CharSequence lines) {
    text.append(lines);
    return this;
  }

  /** {@code head {}, the body, and the brace behind it. */
  SourceWriter block(String head, Runnable body) {
    line("%s {", head);
    depth++;
    body.run();
    depth--;
    return line("}");
  }

  /** A loop whose variable goes from 0; where it turns once, its body for 0. */
  SourceWriter loop(String variable, int turns, Consumer<String> body) {
    if (turns == 1) {
      body.accept(Expr.ZERO);
      return this;
    }
    return block(
        String.format("for (int %1$s = 0; %1$s < %2$d; %1$s++)", variable, turns),
        () -> body.accept(variable));
  }

  /** As {@link #loop}, all turns at once. */
  SourceWriter unrolled(String variable, int turns, Consumer<String> body) {
    if (turns > 1) {
      line("HELU_UNROLL");
    }
    return loop(variable, turns, body);
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
