package org.helu.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.CifarBinary;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fetching, from a server on this machine that serves an archive of the committed images. */
class DatasetsTest {
  private static final String ENTRY = "cifar-10-batches-bin/test_batch.bin";
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  @TempDir Path temporary;
  private Path folder;
  private HttpServer server;
  private ExecutorService threads;
  private byte[] content;
  private byte[] archive;

  @BeforeEach
  void serve() throws IOException {
    folder = temporary.resolve("full");
    Path committed = SamplesTest.samplesFolder().resolve("data/cifar10/test_batch_2000.bin.gz");
    try (InputStream in = new GZIPInputStream(Files.newInputStream(committed))) {
      content = in.readNBytes(100 * CifarBinary.RECORD_BYTES);
    }
    archive = archive("cifar-10-batches-bin/readme.html", new byte[700], ENTRY, content);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    threads = Executors.newVirtualThreadPerTaskExecutor();
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  private static byte[] archive(Object... namesAndBytes) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
      for (int i = 0; i < namesAndBytes.length; i += 2) {
        byte[] file = (byte[]) namesAndBytes[i + 1];
        TarArchiveEntry entry = new TarArchiveEntry((String) namesAndBytes[i]);
        entry.setSize(file.length);
        tar.putArchiveEntry(entry);
        tar.write(file);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static String md5(byte[] bytes) {
    return HexFormat.of().formatHex(Sample.digest("MD5").digest(bytes));
  }

  private URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/cifar.tar.gz");
  }

  private Datasets.Archive published() {
    return new Datasets.Archive(uri(), md5(archive), 10 << 20, ENTRY, content.length, md5(content));
  }

  private interface Handler {
    void handle(HttpExchange exchange) throws IOException;
  }

  private void answer(Handler handler) {
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            handler.handle(exchange);
          }
        });
  }

  private void answer(byte[] bytes) {
    answer(
        exchange -> {
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
        });
  }

  private void assertFails(String expected, Datasets.Archive published, Duration timeout)
      throws IOException {
    HeluException e =
        assertThrows(
            HeluException.class, () -> Datasets.fetch(published, folder, timeout, Progress.NONE));
    assertEquals("samples/fetch", e.stage());
    assertEquals(1, e.getMessage().lines().count());
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    if (Files.exists(folder)) {
      try (Stream<Path> left = Files.list(folder)) {
        assertEquals(List.of(), left.toList());
      }
    }
  }

  private void assertFails(String expected) throws IOException {
    assertFails(expected, published(), TIMEOUT);
  }

  @Test
  void fetchesTheFileAlone() throws IOException {
    answer(archive);
    List<Long> steps = new ArrayList<>();
    Path file =
        Datasets.fetch(
            published(),
            folder,
            TIMEOUT,
            (work, done, total) -> {
              assertEquals("fetch test_batch.bin", work);
              assertEquals(archive.length, total);
              steps.add(done);
            });
    assertEquals(folder.resolve("test_batch.bin"), file);
    assertArrayEquals(content, Files.readAllBytes(file));
    assertEquals(100, CifarBinary.read(file).count());
    assertEquals((long) archive.length, steps.getLast());
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(file), left.toList());
    }
  }

  @Test
  void aFileThatIsThereIsCheckedAndKept() throws IOException {
    answer(
        _ -> {
          throw new AssertionError("asked the server");
        });
    Files.createDirectories(folder);
    Path file = Files.write(folder.resolve("test_batch.bin"), content);
    assertEquals(file, Datasets.fetch(published(), folder, TIMEOUT, Progress.NONE));
    Files.write(file, new byte[10]);
    HeluException e =
        assertThrows(
            HeluException.class, () -> Datasets.fetch(published(), folder, TIMEOUT, Progress.NONE));
    assertTrue(e.getMessage().contains("delete it and fetch it again"), e.getMessage());
    assertEquals(10, Files.size(file));
  }

  @Test
  void withoutContentLength() throws IOException {
    answer(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(archive);
        });
    Path file = Datasets.fetch(published(), folder, TIMEOUT, Progress.NONE);
    assertArrayEquals(content, Files.readAllBytes(file));
  }

  @Test
  void errorsOfTheServer() throws IOException {
    answer(exchange -> exchange.sendResponseHeaders(404, -1));
    assertFails("HTTP 404");
  }

  @Test
  void noServer() throws IOException {
    server.stop(0);
    assertFails("check network");
  }

  @Test
  void wrongChecksums() throws IOException {
    archive[archive.length / 2] ^= 1;
    Datasets.Archive published = published();
    archive[archive.length / 2] ^= 1;
    answer(archive);
    assertFails("expected MD5 " + published.md5(), published, TIMEOUT);
    Datasets.Archive otherEntry =
        new Datasets.Archive(
            uri(), md5(archive), 10 << 20, ENTRY, content.length, md5(new byte[1]));
    assertFails(ENTRY + ": expected MD5", otherEntry, TIMEOUT);
  }

  @Test
  void truncated() throws IOException {
    answer(
        exchange -> {
          exchange.sendResponseHeaders(200, archive.length);
          exchange.getResponseBody().write(archive, 0, archive.length / 2);
          exchange.getResponseBody().flush();
        });
    assertFails("127.0.0.1");
  }

  @Test
  void truncatedAtTheSource() throws IOException {
    Datasets.Archive published = published();
    answer(Arrays.copyOf(archive, archive.length - 100));
    assertFails("expected MD5", published, TIMEOUT);
    // And an archive that was published so: its own checksum is right, the content is not.
    archive = Arrays.copyOf(archive, archive.length - 1000);
    server.removeContext("/");
    answer(archive);
    assertFails("127.0.0.1");
  }

  @Test
  void anotherArchive() throws IOException {
    archive = archive("readme.html", new byte[10]);
    answer(archive);
    assertFails("the archive holds no " + ENTRY);
    archive = archive(ENTRY, new byte[10]);
    server.removeContext("/");
    answer(archive);
    assertFails(ENTRY + " has 10 bytes, expected " + content.length);
    archive = new byte[5000];
    server.removeContext("/");
    answer(archive);
    assertFails("127.0.0.1");
  }

  @Test
  void aServerThatNeverStops() throws IOException {
    Datasets.Archive small =
        new Datasets.Archive(uri(), md5(archive), 1000, ENTRY, content.length, md5(content));
    answer(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(new byte[1 << 20]);
        });
    assertFails("the server sends more than 1000 bytes", small, TIMEOUT);
    server.removeContext("/");
    answer(archive);
    assertFails("the server announces " + archive.length, small, TIMEOUT);
  }

  @Test
  void aServerThatFallsSilent() throws IOException {
    CountDownLatch end = new CountDownLatch(1);
    answer(
        exchange -> {
          exchange.sendResponseHeaders(200, archive.length);
          exchange.getResponseBody().write(archive, 0, 100);
          exchange.getResponseBody().flush();
          try {
            end.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        });
    assertFails("timed out", published(), Duration.ofMillis(300));
    end.countDown();
  }

  @Test
  void anUnwritableFolder() throws IOException {
    answer(archive);
    Path file = Files.createFile(temporary.resolve("file"));
    HeluException e =
        assertThrows(
            HeluException.class, () -> Datasets.fetch(published(), file, TIMEOUT, Progress.NONE));
    assertEquals(HeluException.Kind.IO, e.kind());
  }

  @Test
  void names() {
    HeluException e =
        assertThrows(HeluException.class, () -> Datasets.fetch("imagenet", folder, Progress.NONE));
    assertTrue(e.getMessage().contains("unknown data set 'imagenet'"), e.getMessage());
    e = assertThrows(HeluException.class, () -> Datasets.fetch("mnist", folder, Progress.NONE));
    assertEquals(HeluException.Kind.UNSUPPORTED, e.kind());
  }
}
