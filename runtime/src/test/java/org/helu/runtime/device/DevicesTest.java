package org.helu.runtime.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Node;
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

  @Test
  void autoTakesTheMostPreferredDeviceThatIsThere() {
    Availability here = new Availability.Available("here");
    Availability missing = new Availability.Unavailable("no driver", "install it");
    DeviceProvider simd = new Named("simd", 100, here);
    DeviceProvider slow = new Named("slow", 50, here);
    assertEquals("gpu", auto(slow, simd, new Named("gpu", 200, here)));
    assertEquals("simd", auto(slow, simd, new Named("gpu", 200, missing)));
    assertEquals("slow", auto(slow, new Named("simd", 100, missing)));
    // Of two with one name the one that stands in does not count where the other is known.
    assertEquals("simd", auto(simd, new Named("gpu", 200, missing), new Named("gpu", 150, here)));
    DeviceProvider[] none = {new Named("gpu", 200, missing)};
    HeluException error = assertThrows(HeluException.class, () -> auto(none));
    assertTrue(error.getMessage().contains("found gpu"), error.getMessage());
  }

  private static String auto(DeviceProvider... providers) {
    try (Device device = Devices.open("auto", DeviceOptions.DEFAULT, List.of(providers))) {
      return device.name();
    }
  }

  /** A provider of the reference device under another name. */
  private record Named(String name, int priority, Availability probe) implements DeviceProvider {
    @Override
    public Device open(DeviceOptions options) {
      Device reference = Devices.open("reference");
      return new Device() {
        @Override
        public String name() {
          return name;
        }

        @Override
        public String description() {
          return reference.description();
        }

        @Override
        public boolean supports(BinarizedGraph graph, Node node) {
          return reference.supports(graph, node);
        }

        @Override
        public Executable compile(BinarizedGraph graph, CompileOptions options) {
          return reference.compile(graph, options);
        }

        @Override
        public void close() {
          reference.close();
        }
      };
    }
  }

  private static String message(String name) {
    return assertThrows(HeluException.class, () -> Devices.open(name)).getMessage();
  }
}
