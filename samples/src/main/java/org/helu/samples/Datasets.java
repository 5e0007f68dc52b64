package org.helu.samples;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.AtomicFile;

/** Fetches what of the published test sets is too large to be committed. */
public final class Datasets {
  private static final String STAGE = "samples/fetch";

  /** CIFAR-10's test images. MD5 as published on www.cs.toronto.edu/~kriz/cifar.html. */
  static final Archive CIFAR10 =
      new Archive(
          URI.create("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"),
          "c32a1d4ab5d03f1284b67883e8d87530",
          256L << 20,
          "cifar-10-batches-bin/test_batch.bin",
          30_730_000,
          "803d5f7f4d78ea53de84dbe85f74fb6d");

  private Datasets() {}

  /**
   * A file in a published .tar.gz.
   *
   * @param uri where the archive is
   * @param md5 of the archive; the publisher gives no stronger hash
   * @param maxBytes more than the archive has: a server that sends more is stopped
   * @param entry path of the file in the archive
   * @param entryBytes its size
   * @param entryMd5 its MD5
   */
  record Archive(
      URI uri, String md5, long maxBytes, String entry, long entryBytes, String entryMd5) {
    /** The file's name without folders. */
    String fileName() {
      return entry.substring(entry.lastIndexOf('/') + 1);
    }

    /** Fails unless {@code file} is the one that was published. */
    void requireContent(Path file) {
      String found = Sample.hash("MD5", file);
      if (!found.equals(entryMd5)) {
        throw HeluException.invalid(
            STAGE,
            "'" + file + "': expected MD5 " + entryMd5 + ", found " + found,
            "delete it and fetch it again");
      }
    }
  }

  /**
   * Fetches a data set's test images.
   *
   * @param name {@code cifar10}; the others are committed whole
   * @param folder where to, for the samples {@code samples/data/cifar10/full}; made if missing
   * @return the file, downloaded and checked, or found there and checked
   * @throws HeluException if the name is unknown, the download fails or differs from what was
   *     published; nothing is left in the folder then
   */
  public static Path fetch(String name, Path folder, Progress progress) {
    return switch (name) {
      case "cifar10" -> fetch(CIFAR10, folder, Duration.ofSeconds(30), progress);
      case "mnist", "fashion-mnist" ->
          throw HeluException.unsupported(
              STAGE, "all test images of " + name + " are in samples/data", "nothing to fetch");
      default ->
          throw HeluException.invalid(
              STAGE, "unknown data set '" + name + "'", "the one to fetch is cifar10");
    };
  }

  /** As {@link #fetch(String, Path, Progress)}; a silence of {@code timeout} is an error. */
  static Path fetch(Archive archive, Path folder, Duration timeout, Progress progress) {
    Path target = folder.resolve(archive.fileName());
    if (Files.exists(target)) {
      archive.requireContent(target);
      return target;
    }
    Path download = null;
    try {
      Files.createDirectories(folder);
      download = Files.createTempFile(folder, ".fetch", ".tar.gz");
      download(archive, download, timeout, progress);
      extract(archive, download, target);
      return target;
    } catch (IOException e) {
      throw HeluException.io(
          STAGE,
          "'" + archive.uri() + "': " + AtomicFile.reason(e),
          "check network and disk, or put " + archive.fileName() + " into " + folder + " yourself",
          e);
    } finally {
      deleteQuietly(download);
    }
  }

  // HttpURLConnection and not java.net.http, whose timeouts end with the response's header: a
  // server that falls silent within the body would hold this thread for ever.
  private static void download(Archive archive, Path file, Duration timeout, Progress progress)
      throws IOException {
    HttpURLConnection connection = (HttpURLConnection) archive.uri().toURL().openConnection();
    connection.setConnectTimeout((int) timeout.toMillis());
    connection.setReadTimeout((int) timeout.toMillis());
    try {
      int status = connection.getResponseCode();
      if (status != HttpURLConnection.HTTP_OK) {
        throw failed(archive, "the server answers HTTP " + status);
      }
      long total = connection.getContentLengthLong();
      if (total > archive.maxBytes()) {
        throw failed(archive, "the server announces " + total + " bytes");
      }
      MessageDigest digest = Sample.digest("MD5");
      long done = 0;
      try (InputStream in = new DigestInputStream(connection.getInputStream(), digest);
          OutputStream out = Files.newOutputStream(file)) {
        byte[] chunk = new byte[1 << 16];
        for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
          done += read;
          if (done > archive.maxBytes()) {
            throw failed(archive, "the server sends more than " + archive.maxBytes() + " bytes");
          }
          out.write(chunk, 0, read);
          progress.step("fetch " + archive.fileName(), done, total);
        }
      }
      if (total >= 0 && done != total) {
        throw failed(archive, "expected " + total + " bytes, received " + done);
      }
      String found = HexFormat.of().formatHex(digest.digest());
      if (!found.equals(archive.md5())) {
        throw failed(archive, "expected MD5 " + archive.md5() + ", found " + found);
      }
    } finally {
      connection.disconnect();
    }
  }

  private static void extract(Archive archive, Path download, Path target) throws IOException {
    try (InputStream file = Files.newInputStream(download);
        TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(file, 1 << 16))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (!entry.isFile() || !entry.getName().equals(archive.entry())) {
          continue;
        }
        if (entry.getSize() != archive.entryBytes()) {
          throw failed(
              archive,
              archive.entry()
                  + " has "
                  + entry.getSize()
                  + " bytes, expected "
                  + archive.entryBytes());
        }
        byte[] content = tar.readNBytes((int) archive.entryBytes());
        String found = HexFormat.of().formatHex(Sample.digest("MD5").digest(content));
        if (!found.equals(archive.entryMd5())) {
          throw failed(
              archive,
              archive.entry() + ": expected MD5 " + archive.entryMd5() + ", found " + found);
        }
        AtomicFile.write(
            STAGE, target, channel -> AtomicFile.writeAt(channel, 0, ByteBuffer.wrap(content)));
        return;
      }
    }
    throw failed(archive, "the archive holds no " + archive.entry());
  }

  private static HeluException failed(Archive archive, String problem) {
    return HeluException.io(STAGE, "'" + archive.uri() + "': " + problem, "try again later", null);
  }

  private static void deleteQuietly(Path file) {
    if (file != null) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException _) {
        // What was fetched is in place, or its failure is what the user is told.
      }
    }
  }
}
