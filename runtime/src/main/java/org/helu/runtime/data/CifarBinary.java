package org.helu.runtime.data;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.helu.runtime.HeluException;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/**
 * Reads CIFAR-10's binary version, gzipped or not: records of one label and 3×32×32 bytes, red
 * plane first. Source: www.cs.toronto.edu/~kriz/cifar.html.
 */
public final class CifarBinary {
  /** Label and pixels of one image. */
  public static final int RECORD_BYTES = 1 + 3 * 32 * 32;

  private static final String STAGE = "data/cifar";
  private static final int CLASSES = 10;

  /** All of CIFAR-10, training set included: a gzip file tells its size only when it was read. */
  private static final int MAX_RECORDS = 60_000;

  private static final int CHUNK_RECORDS = 1000;

  private CifarBinary() {}

  /**
   * Reads all records.
   *
   * @return images as {@code [n,3,32,32]}
   * @throws HeluException if the size is not a whole number of records, or a label is above 9
   */
  public static LabeledImages read(Path path) {
    try (DataFile file = DataFile.open(STAGE, path);
        Arena arena = Arena.ofConfined()) {
      List<MemorySegment> chunks = new ArrayList<>();
      long bytes = 0;
      // Whole records, and hardly more of them than the file can fill.
      long room = RECORD_BYTES * Math.min(CHUNK_RECORDS, file.maxBytes() / RECORD_BYTES + 1);
      while (true) {
        MemorySegment chunk = arena.allocate(room);
        long read = file.read(chunk);
        bytes += read;
        chunks.add(chunk.asSlice(0, read));
        if (bytes > (long) MAX_RECORDS * RECORD_BYTES) {
          throw file.invalid("has more than " + MAX_RECORDS + " records of CIFAR-10");
        }
        if (read < room) {
          break;
        }
      }
      if (bytes == 0 || bytes % RECORD_BYTES != 0) {
        throw file.invalid(
            "has " + bytes + " bytes, expected a multiple of " + RECORD_BYTES + ": truncated");
      }
      return split(file, chunks, (int) (bytes / RECORD_BYTES));
    }
  }

  private static LabeledImages split(DataFile file, List<MemorySegment> chunks, int count) {
    Tensor images = Tensor.zeros(new TensorType(ElementType.UINT8, Shape.of(count, 3, 32, 32)));
    Tensor labels = Tensor.zeros(new TensorType(ElementType.UINT8, Shape.of(count)));
    int pixels = RECORD_BYTES - 1;
    int record = 0;
    for (MemorySegment chunk : chunks) {
      // Every chunk but the last is full, and a full one holds whole records.
      for (long at = 0; at < chunk.byteSize(); at += RECORD_BYTES, record++) {
        byte label = chunk.get(JAVA_BYTE, at);
        if ((label & 0xff) >= CLASSES) {
          throw file.invalid(
              "has label " + (label & 0xff) + " in record " + record + ", expected 0 to 9");
        }
        labels.data().set(JAVA_BYTE, record, label);
        MemorySegment.copy(chunk, at + 1, images.data(), (long) record * pixels, pixels);
      }
    }
    return new LabeledImages(images, labels);
  }
}
