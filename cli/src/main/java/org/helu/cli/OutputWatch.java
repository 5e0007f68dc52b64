package org.helu.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Remembers why writing failed, which a {@link java.io.PrintWriter} does not tell. A reader that
 * has read enough (as in {@code helu inspect m.helu | head}) is not a failure.
 */
final class OutputWatch extends FilterOutputStream {
  private IOException failure;

  OutputWatch(OutputStream target) {
    super(target);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      boolean readerLeft = e.getMessage() != null && e.getMessage().contains("Broken pipe");
      if (failure == null && !readerLeft) {
        failure = e;
      }
      throw e;
    }
  }

  /** The first failure that the user should hear of, or null. */
  IOException failure() {
    return failure;
  }
}
