package org.helu.runtime.format;

/** A header or layout problem, without the file's name, which {@link HeluFile} adds. */
final class FormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String remedy;

  FormatException(String problem) {
    this(problem, "the file is damaged; compile the model again");
  }

  FormatException(String problem, String remedy) {
    super(problem, null, false, false);
    this.remedy = remedy;
  }

  String remedy() {
    return remedy;
  }
}
