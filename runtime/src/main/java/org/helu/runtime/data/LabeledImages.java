package org.helu.runtime.data;

import org.helu.runtime.HeluException;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Images and their classes, as data sets store them.
 *
 * @param images UINT8 {@code [n, channels, height, width]}
 * @param labels UINT8 {@code [n]}
 */
public record LabeledImages(Tensor images, Tensor labels) {
  public LabeledImages {
    Shape shape = images.shape();
    boolean bytes =
        images.type().elementType() == ElementType.UINT8
            && labels.type().elementType() == ElementType.UINT8;
    if (!bytes
        || shape.rank() != 4
        || labels.shape().rank() != 1
        || labels.shape().dim(0) != shape.dim(0)) {
      throw HeluException.invalid(
          "data/images",
          "expected uint8 images [n,c,h,w] and labels [n], found "
              + images.type()
              + " and "
              + labels.type(),
          "");
    }
  }

  /** Number of images. */
  public int count() {
    return images.shape().dim(0);
  }

  /** The class of image {@code index}. */
  public int label(int index) {
    return (int) labels.getLong(index);
  }

  /** Image {@code first} and those behind it, without copying. */
  public LabeledImages slice(int first, int count) {
    long imageBytes = images.shape().withDim(0, 1).elements();
    Shape shape = images.shape().withDim(0, count);
    return new LabeledImages(
        new Tensor(
            new TensorType(ElementType.UINT8, shape),
            images.data().asSlice(first * imageBytes, count * imageBytes)),
        new Tensor(
            new TensorType(ElementType.UINT8, Shape.of(count)),
            labels.data().asSlice(first, count)));
  }
}
