package org.helu.runtime.data;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Folders filled beside their target and renamed, so that nobody finds one half-written. Whoever
 * takes a name from {@link #beside} deletes what is left there when it is done.
 */
public final class AtomicFolder {
  private AtomicFolder() {}

  /** A name beside {@code folder} that nobody else uses; nothing is there yet. */
  public static Path beside(Path folder) {
    return AtomicFile.besideOf(folder);
  }

  /** Puts {@code fresh} in the place of {@code folder}; what was there is gone, or still there. */
  public static void replace(Path fresh, Path folder) throws IOException {
    if (!Files.exists(folder)) {
      Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
      return;
    }
    Path old = beside(folder);
    Files.move(folder, old, StandardCopyOption.ATOMIC_MOVE);
    try {
      Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.move(old, folder, StandardCopyOption.ATOMIC_MOVE);
      throw e;
    }
    deleteQuietly(old);
  }

  /** Deletes a folder with all it holds, if it is there. */
  public static void deleteQuietly(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
              Files.delete(dir);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException _) {
      // What is left has a name of its own that nobody reads.
    }
  }
}
