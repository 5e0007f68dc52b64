package org.helu.device.tornado.fpga;

import java.nio.file.Path;
import org.helu.runtime.HeluException;
import org.helu.runtime.tool.CacheFolder;

/**
 * What {@code -Dtornado.fpga.conf.file} names: the board, the compiler with its options, and the
 * folder of bitstreams. TornadoVM reads it for each execution plan, and ends the JVM where it is
 * missing.
 */
public final class DeviceConfiguration {
  /** Its name beside a source that is only written. */
  public static final String FILE = "fpga.conf";

  /** TornadoVM's property. */
  public static final String PROPERTY = "tornado.fpga.conf.file";

  private DeviceConfiguration() {}

  /**
   * The text of the file.
   *
   * @param compiler as it is called
   * @param folder absolute; TornadoVM puts the kernel's name directly behind it
   * @throws HeluException if a path cannot be written there
   */
  public static String text(Board board, String compiler, Path folder) {
    StringBuilder text = new StringBuilder();
    text.append("# ").append(board.hardware()).append(", written by helu for TornadoVM\n");
    text.append("DEVICE_NAME = ").append(board.deviceName()).append('\n');
    text.append("COMPILER = ").append(word("compiler", compiler)).append('\n');
    if (!board.flags().isEmpty()) {
      text.append("FLAGS = ").append(String.join(" ", board.flags())).append('\n');
    }
    String directory = word("folder", folder.toString());
    return text.append("DIRECTORY_BITSTREAM = ").append(directory).append("/\n").toString();
  }

  /** TornadoVM splits the lines of the file at blanks and equals signs. */
  private static String word(String what, String path) {
    if (path.matches(".*[\\s=].*")) {
      throw HeluException.invalid(
          "fpga/configuration",
          what + " '" + path + "' has a blank or an equals sign, at which TornadoVM ends it",
          "choose another place (-D" + CacheFolder.property(BitstreamStore.KIND) + "=FOLDER)");
    }
    return path;
  }
}
