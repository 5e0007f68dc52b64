package org.helu.runtime.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.helu.runtime.HeluException;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImagesTest {
  @TempDir Path folder;

  private Path write(BufferedImage image, String format) throws IOException {
    Path path = folder.resolve("picture." + format);
    assertTrue(ImageIO.write(image, format, path.toFile()), "the JDK writes " + format);
    return path;
  }

  private static BufferedImage colour() {
    BufferedImage image = new BufferedImage(4, 3, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 3; y++) {
      for (int x = 0; x < 4; x++) {
        image.setRGB(x, y, (10 * y + x) << 16 | (100 + x) << 8 | (200 + y));
      }
    }
    return image;
  }

  private static BufferedImage grey() {
    BufferedImage image = new BufferedImage(4, 3, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 12; i++) {
      image.getRaster().setSample(i % 4, i / 4, 0, i * 20);
    }
    return image;
  }

  private static void rejected(String expected, Path path, int channels, int height, int width) {
    Expect.failure("data/image", expected, () -> Images.read(path, channels, height, width));
  }

  @Test
  void colourIsReadPlaneByPlane() throws IOException {
    Tensor read = Images.read(write(colour(), "png"), 3, 3, 4);
    assertEquals(Shape.of(1, 3, 3, 4), read.shape());
    for (int y = 0; y < 3; y++) {
      for (int x = 0; x < 4; x++) {
        assertEquals((10 * y + x) / 255f, read.getFloat(y * 4 + x));
        assertEquals((100 + x) / 255f, read.getFloat(12 + y * 4 + x));
        assertEquals((200 + y) / 255f, read.getFloat(24 + y * 4 + x));
      }
    }
  }

  @Test
  void greyIsReadAsStored() throws IOException {
    Tensor read = Images.read(write(grey(), "png"), 1, 3, 4);
    for (int i = 0; i < 12; i++) {
      assertEquals(i * 20 / 255f, read.getFloat(i));
    }
  }

  @Test
  void palettesAreResolved() throws IOException {
    byte[] ramp = {0, 50, 100, (byte) 200};
    byte[] zero = new byte[4];
    IndexColorModel red = new IndexColorModel(2, 4, ramp, zero, zero);
    BufferedImage image = new BufferedImage(4, 1, BufferedImage.TYPE_BYTE_BINARY, red);
    for (int x = 0; x < 4; x++) {
      image.getRaster().setSample(x, 0, 0, x);
    }
    Tensor read = Images.read(write(image, "png"), 3, 1, 4);
    assertEquals(200 / 255f, read.getFloat(3));
    assertEquals(0, read.getFloat(7));
    IndexColorModel grey = new IndexColorModel(2, 4, ramp, ramp, ramp);
    image = new BufferedImage(grey, image.getRaster(), false, null);
    assertEquals(100 / 255f, Images.read(write(image, "png"), 1, 1, 4).getFloat(2));
  }

  @Test
  void jpegIsReadToItsPrecision() throws IOException {
    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 256; i++) {
      image.setRGB(i % 16, i / 16, 0x4080c0);
    }
    Tensor read = Images.read(write(image, "jpg"), 3, 16, 16);
    assertEquals(0x40 / 255f, read.getFloat(0), 3 / 255f);
    assertEquals(0x80 / 255f, read.getFloat(256), 3 / 255f);
    assertEquals(0xc0 / 255f, read.getFloat(512), 3 / 255f);
    assertEquals(Shape.of(1, 1, 3, 4), Images.read(write(grey(), "jpg"), 1, 3, 4).shape());
  }

  @Test
  void whatDoesNotFitIsNamed() throws IOException {
    Path colour = write(colour(), "png");
    rejected("is 4x3, the network takes 4x4", colour, 3, 4, 4);
    rejected("has 3 channels, the network takes 1", colour, 1, 3, 4);
    rejected("the network takes 4 channels", colour, 4, 3, 4);
    rejected("has 1 channel, the network takes 3", write(grey(), "png"), 3, 3, 4);
    BufferedImage alpha = new BufferedImage(4, 3, BufferedImage.TYPE_INT_ARGB);
    rejected("has transparency", write(alpha, "png"), 3, 3, 4);
    BufferedImage wide = new BufferedImage(4, 3, BufferedImage.TYPE_USHORT_GRAY);
    rejected("has 16 bits per channel", write(wide, "png"), 1, 3, 4);
    rejected("is not a PNG or JPEG", write(colour(), "bmp"), 3, 3, 4);
    rejected("is not a PNG or JPEG", Files.write(folder.resolve("empty"), new byte[0]), 3, 3, 4);
    rejected("no such file", folder.resolve("missing.png"), 3, 3, 4);
    rejected("is not a regular file", folder, 3, 3, 4);
  }

  @Test
  void aHugeDeclaredSizeIsRejectedBeforeDecoding() throws IOException {
    byte[] bytes = Files.readAllBytes(write(colour(), "png"));
    ByteBuffer header = ByteBuffer.wrap(bytes);
    header.putInt(16, 100_000).putInt(20, 100_000);
    CRC32 crc = new CRC32();
    crc.update(bytes, 12, 17);
    header.putInt(29, (int) crc.getValue());
    rejected(
        "is 100000x100000, the network takes 4x3",
        Files.write(folder.resolve("huge.png"), bytes),
        3,
        3,
        4);
  }

  @Test
  void damagedPicturesNeverCrash() throws IOException {
    long seed = 11;
    Random random = new Random(seed);
    for (String format : new String[] {"png", "jpg"}) {
      byte[] good = Files.readAllBytes(write(colour(), format));
      Path path = folder.resolve("damaged");
      for (int round = 0; round < 500; round++) {
        byte[] bytes = good.clone();
        for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        if (random.nextInt(3) == 0) {
          bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
        }
        Files.write(path, bytes);
        try {
          Images.read(path, 3, 3, 4);
        } catch (HeluException e) {
          assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        } catch (RuntimeException | Error e) {
          throw new AssertionError("seed " + seed + " " + format + " round " + round, e);
        }
      }
    }
  }
}
