package org.helu.device.tornado;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.helu.device.tornado.fpga.DeviceConfiguration;
import org.helu.device.tornado.fpga.FpgaSettings;

/**
 * The configuration file that this process shows TornadoVM, in a temporary folder. It stays to the
 * end: TornadoVM reads it for every plan, and again when a plan is closed, and ends the JVM where
 * it or its folder of bitstreams is missing.
 */
final class FpgaConfiguration {
  private static Path folder;

  private FpgaConfiguration() {}

  /** Names {@code bitstreams} as the folder in which TornadoVM looks and compiles. */
  static void use(FpgaSettings settings, Path bitstreams) throws IOException {
    Path file = folder().resolve(DeviceConfiguration.FILE);
    String text =
        DeviceConfiguration.text(settings.target().board(), settings.compiler(), bitstreams);
    Files.writeString(file, text);
    file.toFile().deleteOnExit();
    System.setProperty(DeviceConfiguration.PROPERTY, file.toString());
  }

  /** Names a folder that holds no bitstream, but stays. */
  static void useNone(FpgaSettings settings) throws IOException {
    use(settings, folder());
  }

  private static synchronized Path folder() throws IOException {
    if (folder == null) {
      folder = Files.createTempDirectory("helu-fpga").toRealPath();
      folder.toFile().deleteOnExit();
    }
    return folder;
  }
}
