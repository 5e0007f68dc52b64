package org.helu.runtime.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.helu.runtime.HeluException;
import org.junit.jupiter.api.function.Executable;

/** What every error of a reader has in common. */
final class Expect {
  private Expect() {}

  static HeluException failure(String stage, String expected, Executable action) {
    HeluException e = assertThrows(HeluException.class, action);
    assertEquals(stage, e.stage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    assertTrue(
        e.getMessage().contains(expected), "expected '" + expected + "' in: " + e.getMessage());
    return e;
  }
}
