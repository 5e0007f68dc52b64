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

  @Test
  void providersMayBeNamed() {
    String reference = "org.helu.runtime.reference.ReferenceDevice$Provider";
    try {
      System.setProperty(Devices.PROVIDERS_PROPERTY, reference + "," + reference);
      assertEquals(1, Devices.providers().size());
      assertEquals("reference", Devices.providers().getFirst().name());
      for (String wrong : new String[] {"org.helu.Nonesuch", "java.lang.Object"}) {
        System.setProperty(Devices.PROVIDERS_PROPERTY, reference + "," + wrong);
        String text = message("reference");
        assertTrue(text.contains(Devices.PROVIDERS_PROPERTY) && text.contains(wrong), text);
      }
    } finally {
      System.clearProperty(Devices.PROVIDERS_PROPERTY);
    }
  }

  private static String message(String name) {
    return assertThrows(HeluException.class, () -> Devices.open(name)).getMessage();
  }
}
