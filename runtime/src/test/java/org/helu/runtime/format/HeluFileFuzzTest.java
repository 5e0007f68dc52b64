package org.helu.runtime.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.BinarizedGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Seeded mutations: a damaged file gives a HeluException, or reads as what it says. */
class HeluFileFuzzTest {
  private static final long SEED = 20261122;

  /** A read may allocate this much: header, tree and graph of a file of a few kilobytes. */
  private static final long MAX_ALLOCATED_BYTES = 8 << 20;

  private static final String[] PIECES = {
    "0",
    "-1",
    "9",
    "99999999999",
    "1e400",
    "true",
    "null",
    "[]",
    "{}",
    "\"N\"",
    "\"\"",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\u0000",
    "\\ud800",
    "2147483647",
    "65536",
    "\"Infinity\"",
    "\"NaN\"",
    "\"BIT\"",
    "\"BOOL\"",
    "\"INT64\"",
    "\"gated\"",
    "-2147483648",
    "9223372036854775807"
  };

  @TempDir Path folder;

  private void check(byte[] bytes, String what) throws IOException {
    Path file = folder.resolve("fuzzed.helu");
    Files.write(file, bytes);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    BinarizedGraph read = null;
    try {
      read = HeluFile.read(file);
    } catch (HeluException e) {
      assertEquals("format/read", e.stage(), what);
      assertEquals(1, e.getMessage().lines().count(), what);
      assertTrue(e.getMessage().length() < 1000, what + ": " + e.getMessage());
    } catch (RuntimeException | Error e) {
      throw new AssertionError(what + ": " + e, e);
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < MAX_ALLOCATED_BYTES, what + ": allocated " + allocated + " bytes");
    if (read != null) {
      // What was accepted is complete: written again it reads as the same graph.
      Path again = folder.resolve("again.helu");
      HeluFile.write(again, read);
      Path third = folder.resolve("third.helu");
      HeluFile.write(third, HeluFile.read(again));
      assertArrayEquals(FileBytes.of(again), FileBytes.of(third), what);
    }
  }

  private byte[] file(BinarizedGraph graph) {
    Path file = folder.resolve("good.helu");
    HeluFile.write(file, graph);
    return FileBytes.of(file);
  }

  @Test
  void flippedAndTruncatedBytes() {
    byte[] good = file(Graphs.small());
    Random random = new Random(SEED);
    assertTimeout(
        Duration.ofSeconds(60),
        () -> {
          for (int round = 0; round < 3000; round++) {
            byte[] bytes = good.clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
              bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            if (random.nextInt(4) == 0) {
              bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 100));
            }
            check(bytes, "seed " + SEED + " round " + round);
          }
        });
  }

  @Test
  void mutatedHeadersWithTheRightHash() {
    Random random = new Random(SEED + 1);
    assertTimeout(
        Duration.ofSeconds(120),
        () -> {
          for (Graphs.Case c : Graphs.cases()) {
            byte[] good = file(Graphs.of(c));
            for (int round = 0; round < 200; round++) {
              byte[] header = mutate(FileBytes.header(good), random);
              check(
                  FileBytes.assemble(header, FileBytes.data(good)),
                  "seed " + (SEED + 1) + " op " + c.op().name() + " round " + round);
            }
          }
        });
  }

  /** Replaces whole JSON tokens mostly, so that many mutants get past the parser. */
  private static byte[] mutate(byte[] header, Random random) {
    String text = new String(header, StandardCharsets.UTF_8);
    for (int edits = 1 + random.nextInt(2); edits > 0; edits--) {
      int at = random.nextInt(text.length());
      int end = at;
      if (random.nextInt(5) > 0) {
        while (at > 0 && ":,[".indexOf(text.charAt(at - 1)) < 0) {
          at--;
        }
        end = at;
        while (end < text.length() && ",]}".indexOf(text.charAt(end)) < 0) {
          end++;
        }
      } else {
        end = Math.min(text.length(), at + random.nextInt(3));
      }
      String piece =
          switch (random.nextInt(4)) {
            case 0 -> Integer.toString(random.nextInt(9) - 2);
            case 1 -> {
              int from = random.nextInt(text.length());
              yield text.substring(from, Math.min(text.length(), from + random.nextInt(12)));
            }
            default -> PIECES[random.nextInt(PIECES.length)];
          };
      text = text.substring(0, at) + piece + text.substring(end);
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void hostileHeadersStaySmall() throws IOException {
    byte[] data = new byte[0];
    // A header of its full length, of the tokens that take most memory for their text.
    for (String token : new String[] {"[],", "{},", "0,", "\"\","}) {
      String text = "{\"nodes\":[" + token.repeat((1 << 20) / token.length()) + "0]}";
      Path file = folder.resolve("hostile.helu");
      Files.write(file, FileBytes.assemble(text.getBytes(StandardCharsets.UTF_8), data));
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long before = threads.getCurrentThreadAllocatedBytes();
      assertTimeout(
          Duration.ofSeconds(20),
          () -> {
            try {
              HeluFile.read(file);
              throw new AssertionError("was read");
            } catch (HeluException e) {
              assertTrue(e.getMessage().contains("header: field 'name' is missing"));
            }
          });
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertTrue(allocated < 64L << 20, token + ": allocated " + allocated + " bytes for 1 MiB");
    }
  }
}
