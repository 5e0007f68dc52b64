package org.helu.device.vector.kernel;

/**
 * Where the inputs of a matrix product's rows begin: output pixels from left to right, line by
 * line, image by image. The rows of a dense layer are one endless line.
 *
 * @param perLine output pixels of a line
 * @param linesPerImage output lines of an image
 * @param stepBytes from one pixel's input to the next
 * @param lineBytes from one line's first input to the next
 * @param imageBytes from one image's first input to the next
 */
public record Rows(
    int perLine, int linesPerImage, long stepBytes, long lineBytes, long imageBytes) {
  /** Rows at an equal distance. */
  public static Rows evenly(long stepBytes) {
    return new Rows(Integer.MAX_VALUE, 1, stepBytes, 0, 0);
  }

  /** Byte offset of a line's first inputs. */
  private long lineOffset(long line) {
    // Divisions of 64 bits take longer than many a block's products.
    long image = line <= Integer.MAX_VALUE ? (int) line / linesPerImage : line / linesPerImage;
    return image * imageBytes + (line - image * linesPerImage) * lineBytes;
  }

  /**
   * Writes the offsets of rows {@code first..first+count-1}.
   *
   * @param base added to each
   */
  public void offsets(long base, long first, int count, long[] target) {
    long line = first <= Integer.MAX_VALUE ? (int) first / perLine : first / perLine;
    int pixel = (int) (first - line * perLine);
    long at = base + lineOffset(line) + pixel * stepBytes;
    for (int i = 0; i < count; i++) {
      target[i] = at;
      at += stepBytes;
      if (++pixel == perLine) {
        pixel = 0;
        line++;
        at = base + lineOffset(line);
      }
    }
  }
}
