package org.helu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import org.junit.jupiter.api.Test;

class OutputWatchTest {
  @Test
  void aReaderThatLeftIsNoFailureButAFullDiskIs() {
    assertNull(failureAfterWriting("Broken pipe"));
    assertEquals(
        "No space left on device", failureAfterWriting("No space left on device").getMessage());
  }

  private static IOException failureAfterWriting(String message) {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException(message);
          }
        };
    OutputWatch watch = new OutputWatch(broken);
    PrintWriter writer = new PrintWriter(watch);
    writer.println("text");
    writer.flush();
    return watch.failure();
  }
}
