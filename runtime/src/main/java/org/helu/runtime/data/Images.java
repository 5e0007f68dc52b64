package org.helu.runtime.data;

import java.nio.file.Path;
import org.helu.runtime.HeluException;
import org.helu.runtime.tensor.Tensor;

/**
 * Reads PNG and JPEG pictures for image networks.
 *
 * <p>Decoding needs the {@code java.desktop} module, which trimmed runtimes of edge boards leave
 * out. Only {@link ImageDecoder} touches it, and that class is loaded by the first call here:
 * whoever reads no pictures does not need the module.
 */
public final class Images {
  static final String STAGE = "data/image";

  private Images() {}

  /**
   * Reads a picture with 8 bits per channel.
   *
   * @param channels 1 for grey or 3 for RGB; the picture must have as many, there is no conversion
   * @param height expected rows; there is no resizing
   * @param width expected columns
   * @return FLOAT32 {@code [1,channels,height,width]}, bytes divided by 255
   * @throws HeluException if the picture is damaged or differs from what is expected, of kind
   *     UNSUPPORTED if the Java runtime lacks {@code java.desktop}
   */
  public static Tensor read(Path path, int channels, int height, int width) {
    if (channels != 1 && channels != 3) {
      throw HeluException.invalid(
          STAGE,
          "'" + path + "': the network takes " + channels + " channels, pictures have 1 or 3",
          "give the input as .npy");
    }
    DataFile.requireFile(STAGE, path);
    if (ModuleLayer.boot().findModule("java.desktop").isEmpty()) {
      throw HeluException.unsupported(
          STAGE,
          "'" + path + "': this Java runtime lacks the module java.desktop, which decodes pictures",
          "use a full JDK or give the input as .npy");
    }
    return ImageDecoder.decode(path, channels, height, width);
  }
}
