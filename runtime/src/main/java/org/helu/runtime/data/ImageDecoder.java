package org.helu.runtime.data;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.helu.runtime.HeluException;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** The part of {@link Images} that needs {@code java.desktop}. */
final class ImageDecoder {
  private static final Set<String> FORMATS = Set.of("png", "jpeg");

  static {
    ImageIO.setUseCache(false);
  }

  private ImageDecoder() {}

  static Tensor decode(Path path, int channels, int height, int width) {
    // Not from a File: on failure the JDK would print a stack trace and return null.
    try (InputStream file = Files.newInputStream(path);
        ImageInputStream stream = ImageIO.createImageInputStream(file)) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
      ImageReader reader = readers.hasNext() ? readers.next() : null;
      if (reader == null || !FORMATS.contains(reader.getFormatName().toLowerCase(Locale.ROOT))) {
        throw invalid(path, "is not a PNG or JPEG picture", "convert it");
      }
      try {
        reader.setInput(stream, true, true);
        // Before decoding: a small file can declare a picture of any size.
        if (reader.getWidth(0) != width || reader.getHeight(0) != height) {
          throw invalid(
              path,
              "is "
                  + reader.getWidth(0)
                  + "x"
                  + reader.getHeight(0)
                  + ", the network takes "
                  + width
                  + "x"
                  + height
                  + " (width x height)",
              "resize it");
        }
        return toTensor(path, reader.read(0), channels);
      } finally {
        reader.dispose();
      }
    } catch (IOException e) {
      throw Files.isReadable(path) ? damaged(path, e) : DataFile.unreadable(Images.STAGE, path, e);
    } catch (IllegalArgumentException
        | IndexOutOfBoundsException
        | NegativeArraySizeException
        | NullPointerException
        | IllegalStateException e) {
      // What the JDK's decoders throw, undeclared, on damaged pictures.
      throw damaged(path, e);
    }
  }

  private static Tensor toTensor(Path path, BufferedImage image, int channels) {
    ColorModel color = image.getColorModel();
    if (color.hasAlpha()) {
      throw invalid(path, "has transparency", "flatten it: which background is for you to say");
    }
    boolean palette = color instanceof IndexColorModel;
    int bands = palette ? (isGrey((IndexColorModel) color) ? 1 : 3) : color.getNumComponents();
    if (bands != channels) {
      throw invalid(
          path,
          "has "
              + bands
              + (bands == 1 ? " channel" : " channels")
              + ", the network takes "
              + channels,
          channels == 1 ? "convert it to grey" : "convert it to RGB");
    }
    for (int band = 0; !palette && band < bands; band++) {
      if (color.getComponentSize(band) != 8) {
        throw invalid(
            path,
            "has " + color.getComponentSize(band) + " bits per channel, expected 8",
            "convert it");
      }
    }
    int height = image.getHeight();
    int width = image.getWidth();
    Tensor tensor = Tensor.zeros(TensorType.float32(1, channels, height, width));
    Raster raster = image.getRaster();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < channels; c++) {
          // Not getRGB for grey: it converts a linear grey to sRGB and so changes the values.
          int value =
              palette || channels == 3
                  ? image.getRGB(x, y) >>> (16 - 8 * c) & 0xff
                  : raster.getSample(x, y, 0);
          tensor.setFloat(((long) c * height + y) * width + x, Pixels.unit(value));
        }
      }
    }
    return tensor;
  }

  private static boolean isGrey(IndexColorModel palette) {
    for (int i = 0; i < palette.getMapSize(); i++) {
      if (palette.getRed(i) != palette.getGreen(i) || palette.getRed(i) != palette.getBlue(i)) {
        return false;
      }
    }
    return true;
  }

  private static HeluException damaged(Path path, Exception e) {
    String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return HeluException.of(
        HeluException.Kind.INVALID_INPUT,
        Images.STAGE,
        "'" + path + "' is damaged: " + reason,
        "save the picture again",
        e);
  }

  private static HeluException invalid(Path path, String problem, String remedy) {
    return HeluException.invalid(Images.STAGE, "'" + path + "' " + problem, remedy);
  }
}
