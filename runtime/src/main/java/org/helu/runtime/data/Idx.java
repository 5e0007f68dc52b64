package org.helu.runtime.data;

import java.nio.file.Path;
import org.helu.runtime.HeluException;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Reads the idx format of MNIST and its kin, gzipped or not: two zero bytes, a type code, the rank,
 * big-endian dimensions, elements. Source: yann.lecun.com/exdb/mnist.
 */
public final class Idx {
  private static final String STAGE = "data/idx";
  private static final int UBYTE = 0x08;
  private static final long MAX_BYTES = 1L << 40;

  private Idx() {}

  /**
   * Reads a file of unsigned bytes.
   *
   * @return UINT8 of the file's own shape, {@code [n,h,w]} for images and {@code [n]} for labels
   * @throws HeluException if it is not such a file, is truncated or has bytes behind the end
   */
  public static Tensor read(Path path) {
    try (DataFile file = DataFile.open(STAGE, path)) {
      long magic = file.readUnsignedInt("the magic number");
      int rank = (int) (magic & 0xff);
      if (magic >>> 16 != 0 || rank < 1 || rank > 4) {
        throw file.invalid(
            "is not an idx file: it starts with %08x, expected 00000801 to 00000804"
                .formatted(magic));
      }
      if ((magic >>> 8 & 0xff) != UBYTE) {
        throw file.invalid(
            "has element type 0x%02x, expected 0x08: unsigned bytes".formatted(magic >>> 8 & 0xff));
      }
      int[] dims = new int[rank];
      long bytes = 1;
      for (int axis = 0; axis < rank; axis++) {
        long dim = file.readUnsignedInt("the dimensions");
        // Compared before multiplying: the product could overflow.
        if (dim > Integer.MAX_VALUE || dim > MAX_BYTES / Math.max(1, bytes)) {
          throw file.invalid("declares a dimension of " + dim + ", more than helu reads");
        }
        bytes *= dim;
        dims[axis] = (int) dim;
      }
      file.requireRoomFor(bytes, bytes + " bytes");
      Tensor tensor = Tensor.zeros(new TensorType(ElementType.UINT8, Shape.of(dims)));
      file.readFully(tensor.data(), "the elements");
      file.requireEnd();
      return tensor;
    }
  }

  /**
   * Reads images and their labels.
   *
   * @return images as {@code [n,1,h,w]}
   * @throws HeluException if one of the files is invalid or they do not belong together
   */
  public static LabeledImages read(Path images, Path labels) {
    Tensor pixels = read(images);
    Tensor classes = read(labels);
    Shape shape = pixels.shape();
    if (shape.rank() != 3 || classes.shape().rank() != 1 || classes.elements() != shape.dim(0)) {
      throw HeluException.invalid(
          STAGE,
          "'"
              + images
              + "' and '"
              + labels
              + "': expected images [n,h,w] and labels [n], found "
              + shape
              + " and "
              + classes.shape(),
          "name an image file and its label file");
    }
    return new LabeledImages(
        pixels.reshaped(Shape.of(shape.dim(0), 1, shape.dim(1), shape.dim(2))), classes);
  }
}
