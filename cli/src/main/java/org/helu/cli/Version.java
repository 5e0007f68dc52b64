package org.helu.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The versions that the build wrote. */
final class Version implements IVersionProvider {
  /** Of helu itself. */
  static String text() {
    return property("version");
  }

  /** Of TornadoVM, as the device module needs it. */
  static String tornado() {
    return property("tornado");
  }

  private static String property(String name) {
    try (InputStream stream = Version.class.getResourceAsStream("version.properties")) {
      Properties properties = new Properties();
      properties.load(stream);
      return properties.getProperty(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String[] getVersion() {
    return new String[] {"helu " + text() + " (Java " + Runtime.version() + ")"};
  }
}
