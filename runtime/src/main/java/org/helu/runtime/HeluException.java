package org.helu.runtime;

import java.util.Objects;

/**
 * A problem the user can act on, told in one line: stage, place, what was expected and found,
 * remedy.
 *
 * <p>Example: {@code import/onnx: node 'conv1' (Conv): expected 4-D input, found [8x128]; export
 * the model with image-shaped inputs}.
 */
public final class HeluException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What went wrong, so that callers (the CLI's exit codes) need not read the text. */
  public enum Kind {
    /** A file, argument or tensor is malformed. */
    INVALID_INPUT,
    /** The input is well-formed but asks for what helu does not do. */
    UNSUPPORTED,
    /** A device is absent, broken or too small. */
    DEVICE_UNAVAILABLE,
    /** A device needs what has to be built ahead of time, and was not. */
    NOT_BUILT,
    /** Reading or writing failed. */
    IO
  }

  private final Kind kind;
  private final String stage;

  private HeluException(Kind kind, String stage, String message, Throwable cause) {
    super(message, cause);
    this.kind = Objects.requireNonNull(kind);
    this.stage = stage;
  }

  /**
   * Builds the one-line message {@code stage: problem; remedy}.
   *
   * @param stage where in the straight line, such as {@code import/onnx} or {@code format/read}
   * @param problem place, expected and found
   * @param remedy what the user can do, or empty where nothing but the problem can be said
   */
  public static HeluException of(Kind kind, String stage, String problem, String remedy) {
    return of(kind, stage, problem, remedy, null);
  }

  /** As {@link #of(Kind, String, String, String)}, keeping the cause for {@code --debug}. */
  public static HeluException of(
      Kind kind, String stage, String problem, String remedy, Throwable cause) {
    String text = stage + ": " + problem + (remedy.isEmpty() ? "" : "; " + remedy);
    return new HeluException(kind, stage, oneLine(text), cause);
  }

  /** Shorthand for {@link Kind#INVALID_INPUT}. */
  public static HeluException invalid(String stage, String problem, String remedy) {
    return of(Kind.INVALID_INPUT, stage, problem, remedy);
  }

  /** Shorthand for {@link Kind#UNSUPPORTED}. */
  public static HeluException unsupported(String stage, String problem, String remedy) {
    return of(Kind.UNSUPPORTED, stage, problem, remedy);
  }

  /** Shorthand for {@link Kind#IO}. */
  public static HeluException io(String stage, String problem, String remedy, Throwable cause) {
    return of(Kind.IO, stage, problem, remedy, cause);
  }

  /** This problem with its place, such as the file's name, put before it. */
  public HeluException at(String place) {
    String prefix = stage + ": ";
    String text = getMessage();
    String rest = text.startsWith(prefix) ? text.substring(prefix.length()) : text;
    return new HeluException(kind, stage, oneLine(prefix + place + ": " + rest), this);
  }

  /** The category that the CLI maps to an exit code. */
  public Kind kind() {
    return kind;
  }

  /** The stage that the message starts with. */
  public String stage() {
    return stage;
  }

  private static String oneLine(String text) {
    // Names come from files: a line break or control character in one must not break the line.
    StringBuilder line = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      line.append(Character.isISOControl(c) ? ' ' : c);
    }
    return line.toString();
  }
}
