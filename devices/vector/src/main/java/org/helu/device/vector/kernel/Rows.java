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

  /** Byte offset of {@code row}'s inputs. */
  long offset(long row) {
    long line = row / perLine;
    return line / linesPerImage * imageBytes
        + line % linesPerImage * lineBytes
        + row % perLine * stepBytes;
  }

  /**
   * Writes the offsets of rows {@code first..first+count-1}.
   *
   * @param base added to each
   */
  public void offsets(long base, long first, int count, long[] target) {
    long line = first / perLine;
    int pixel = (int) (first - line * perLine);
    long at = base + offset(first);
    for (int i = 0; i < count; i++) {
      target[i] = at;
      at += stepBytes;
      if (++pixel == perLine) {
        pixel = 0;
        line++;
        at = base + line / linesPerImage * imageBytes + line % linesPerImage * lineBytes;
      }
    }
  }
}
