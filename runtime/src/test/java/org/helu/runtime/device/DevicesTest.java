package org.helu.runtime.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.helu.runtime.HeluException;
import org.junit.jupiter.api.Test;

class DevicesTest {
  @Test
  void selectsByNameAndIndex() {
    try (Device first = Devices.open("reference:0")) {
      assertEquals("reference", first.name());
    }
    String absent = message("reference:1");
    assertTrue(absent.contains("no device 'reference:1', there are 1"), absent);
  }

  @Test
  void refusesWhatIsNoIndex() {
    for (String name :
        new String[] {"reference:", "reference:x", "reference:-1", "reference:1:2"}) {
      String text = message(name);
      assertTrue(text.contains("expected a number") && text.contains(name), text);
    }
    assertTrue(message("reference:4294967295").contains("index"));
    assertTrue(message("nonesuch:0").contains("no device 'nonesuch'"));
  }

  private static String message(String name) {
    return assertThrows(HeluException.class, () -> Devices.open(name)).getMessage();
  }
}
