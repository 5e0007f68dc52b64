package org.helu.samples;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.CifarBinary;
import org.helu.runtime.data.Idx;
import org.helu.runtime.data.LabeledImages;
import org.helu.runtime.data.Npy;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/**
 * Test images of a sample.
 *
 * @param images pixels and labels
 * @param testIndices which image of the whole test set each of them is
 * @param wholeTestSet whether these are all images of the test set, in its order
 */
public record SampleData(LabeledImages images, int[] testIndices, boolean wholeTestSet) {

  /**
   * Loads what there is: the fetched test set if it is complete, else the committed images.
   *
   * @throws HeluException if a file is missing or damaged, or does not fit the sample
   */
  public static SampleData load(Sample sample) {
    SampleData data =
        switch (sample.dataset()) {
          case "mnist", "fashion-mnist" -> idx(sample.dataFolder());
          case "cifar10" -> cifar(sample.dataFolder());
          default ->
              throw invalid(
                  sample,
                  "expected dataset mnist, fashion-mnist or cifar10, found '"
                      + sample.dataset()
                      + "'");
        };
    data.requireFits(sample);
    return data;
  }

  private static SampleData idx(Path folder) {
    LabeledImages images =
        Idx.read(
            folder.resolve("t10k-images-idx3-ubyte.gz"),
            folder.resolve("t10k-labels-idx1-ubyte.gz"));
    return new SampleData(images, IntStream.range(0, images.count()).toArray(), true);
  }

  private static SampleData cifar(Path folder) {
    Path full = folder.resolve("full").resolve(Datasets.CIFAR10.fileName());
    if (Files.exists(full)) {
      Datasets.CIFAR10.requireContent(full);
      LabeledImages images = CifarBinary.read(full);
      return new SampleData(images, IntStream.range(0, images.count()).toArray(), true);
    }
    LabeledImages images = CifarBinary.read(folder.resolve("test_batch_2000.bin.gz"));
    Path indexFile = folder.resolve("test_batch_2000.indices.npy");
    Tensor indices = Npy.read(indexFile);
    if (indices.type().elementType() != ElementType.INT32
        || !indices.shape().equals(Shape.of(images.count()))) {
      throw HeluException.invalid(
          Sample.STAGE,
          "'" + indexFile + "': expected int32[" + images.count() + "], found " + indices.type(),
          "check the file out again");
    }
    int[] testIndices = new int[images.count()];
    for (int i = 0; i < testIndices.length; i++) {
      testIndices[i] = (int) indices.getLong(i);
    }
    return new SampleData(images, testIndices, false);
  }

  private void requireFits(Sample sample) {
    Shape expected =
        Shape.of(
            images.count(),
            sample.inputShape().dim(0),
            sample.inputShape().dim(1),
            sample.inputShape().dim(2));
    if (!images.images().shape().equals(expected)) {
      throw invalid(
          sample, "expected images " + sample.inputShape() + ", found " + images.images().shape());
    }
    int count = wholeTestSet ? sample.testImages() : sample.committedImages();
    if (images.count() != count) {
      throw invalid(sample, "expected " + count + " images, found " + images.count());
    }
    for (int i = 0; i < testIndices.length; i++) {
      if (testIndices[i] < 0 || testIndices[i] >= sample.testImages()) {
        throw invalid(sample, "image " + i + " has no place in the test set: " + testIndices[i]);
      }
      if (images.label(i) >= sample.classes().size()) {
        throw invalid(sample, "image " + i + " has label " + images.label(i));
      }
    }
  }

  private static HeluException invalid(Sample sample, String problem) {
    return HeluException.invalid(
        Sample.STAGE, sample.name() + ": " + problem, "check samples/data out again");
  }
}
