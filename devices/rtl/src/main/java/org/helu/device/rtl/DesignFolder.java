package org.helu.device.rtl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.AtomicFile;
import org.helu.runtime.data.AtomicFolder;

/** Folders of generated files: written beside their target and renamed, so never half-written. */
final class DesignFolder {
  private static final String STAGE = "export";

  /** A folder with this file was written by helu and may be replaced. */
  private static final String MARK = "helu_top.v";

  private DesignFolder() {}

  /**
   * Writes a folder.
   *
   * @throws HeluException if it cannot be written, or is there and no earlier export
   */
  static void write(Path target, Map<String, String> files) {
    Path folder = target.toAbsolutePath().normalize();
    requireReplaceable(target, folder);
    Path fresh = AtomicFolder.beside(folder);
    try {
      Files.createDirectory(fresh);
      for (Map.Entry<String, String> file : files.entrySet()) {
        Files.writeString(fresh.resolve(file.getKey()), file.getValue());
      }
      AtomicFolder.replace(fresh, folder);
    } catch (IOException e) {
      throw HeluException.io(
          STAGE,
          "cannot write '" + target + "': " + AtomicFile.reason(e),
          "name a new folder in a writable one with room",
          e);
    } finally {
      AtomicFolder.deleteQuietly(fresh);
    }
  }

  private static void requireReplaceable(Path target, Path folder) {
    if (folder.getFileName() == null) {
      throw HeluException.invalid(
          STAGE, "'" + target + "' cannot be replaced", "name a new folder");
    }
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> list = Files.list(folder)) {
      if (list.findAny().isPresent() && !Files.exists(folder.resolve(MARK))) {
        throw HeluException.invalid(
            STAGE, "'" + target + "' holds files that are no export", "name a new folder");
      }
    } catch (IOException e) {
      throw HeluException.io(
          STAGE, "'" + target + "' is not a folder that can be read", "name a new folder", e);
    }
  }
}
