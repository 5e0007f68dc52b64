package org.helu.device.rtl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.helu.device.rtl.design.Folding;
import org.helu.device.rtl.design.Lowering;
import org.helu.device.rtl.design.Network;
import org.helu.device.testkit.TestTools;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tool.Programs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exported folders: whole, self-checking, or not there. */
class ExportTest {
  @TempDir Path temporary;

  private static BinarizedGraph image() {
    return Nets.of("image", 4, ElementType.UINT8, 8, 6, 5, 2)
        .conv(4, Nets.window(3, 1, 1), ElementType.BIT, Nets.bits(1))
        .codes(Codes.BIPOLAR)
        .conv(4, Nets.window(3, 2, 1), ElementType.BIT, Nets.bits(1))
        .conv(3, Nets.window(1, 1, 0), ElementType.INT8, Epilogue.AFFINE)
        .build();
  }

  private static RtlExport.Written export(Path folder, String folding) {
    BinarizedGraph graph = image();
    Network network = Lowering.lower(graph);
    return RtlExport.write(
        folder, graph, network, Folding.parse(folding), Nets.input(graph, 3, 5), null, "A note.");
  }

  @Test
  void testbenchPassesInIcarusAndFindsWhatIsWrong() throws IOException {
    TestTools.require("iverilog");
    Path folder = temporary.resolve("design");
    RtlExport.Written written = export(folder, "2x1,4x2,3x4");
    simulate(folder);
    for (int stall : new int[] {0, 200}) {
      Programs.Result run =
          Tools.run("test", folder, 120, List.of("vvp", "tb", "+stall=" + stall, "+seed=3"));
      assertTrue(run.output().contains("PASS: 3 samples"), run.output());
      assertFalse(run.output().contains("FAIL"), run.output());
    }
    assertTrue(written.clocks().latency() > written.design().inputBeats());
    // One wrong bit in the expected answers must be seen.
    Path expected = folder.resolve("tb_expected.mem");
    List<String> lines = Files.readAllLines(expected);
    String last = lines.getLast();
    char digit = last.charAt(last.length() - 1);
    String other = last.substring(0, last.length() - 1) + (digit == '0' ? '1' : '0');
    Files.write(
        expected,
        Stream.concat(lines.subList(0, lines.size() - 1).stream(), Stream.of(other)).toList());
    Programs.Result wrong = Tools.run("test", folder, 120, List.of("vvp", "tb"));
    assertTrue(wrong.output().contains("FAIL") && !wrong.output().contains("PASS"));
  }

  private static void simulate(Path folder, String... options) throws IOException {
    List<String> sources;
    try (Stream<Path> files = Files.list(folder)) {
      sources =
          files
              .map(f -> f.getFileName().toString())
              .filter(f -> f.endsWith(".v"))
              .sorted()
              .toList();
    }
    List<String> command = new ArrayList<>(List.of("iverilog", "-g2005", "-o", "tb"));
    command.addAll(List.of(options));
    command.addAll(sources);
    assertEquals("", Tools.require("test", folder, 120, command));
  }

  /** The adders of ECP5, which Verilator does not see. */
  @Test
  void wiredLayersAddWithSpelledOutCarries() throws IOException {
    TestTools.require("iverilog");
    BinarizedGraph graph =
        Nets.of("wired", 1, ElementType.BIT, 1, 40)
            .codes(Codes.BIPOLAR)
            .dense(24, ElementType.BIT, Nets.bits(1))
            .dense(6, ElementType.BIT)
            .build();
    Network network = Lowering.lower(graph);
    Path folder = temporary.resolve("design");
    Folding folding = Folding.parse("24x40,6x24");
    RtlExport.write(folder, graph, network, folding, Nets.input(graph, 50, 5), null, "A note.");
    simulate(folder, "-DHELU_SPELL_OUT_CARRIES");
    String output = Tools.run("test", folder, 120, List.of("vvp", "tb")).output();
    assertTrue(output.contains("PASS: 50 samples") && !output.contains("FAIL"), output);
  }

  @Test
  void foldersAreReplacedOnlyWhereTheyAreExports() throws IOException {
    Path folder = temporary.resolve("design");
    export(folder, "2x1,4x2,3x4");
    Files.writeString(folder.resolve("left-over"), "");
    export(folder, "1x1,1x1,1x1");
    assertFalse(Files.exists(folder.resolve("left-over")));
    assertTrue(Files.readString(folder.resolve("helu_params.vh")).contains("1x1,1x1,1x1"));
    Path other = Files.createDirectory(temporary.resolve("other"));
    Files.writeString(other.resolve("mine"), "");
    HeluException refusal = assertThrows(HeluException.class, () -> export(other, "1x1,1x1,1x1"));
    assertTrue(refusal.getMessage().contains("no export"), refusal.getMessage());
    try (Stream<Path> left = Files.list(temporary)) {
      assertEquals(2, left.count(), "nothing half-written is left");
    }
  }

  @Test
  void foldingsThatDoNotDivideAreRefused() {
    Path folder = temporary.resolve("design");
    for (String wrong : List.of("3x1,4x2,3x4", "2x1,4x3,3x4", "2x1,4x2", "2,1", "2x1,4x2,0x4")) {
      HeluException refusal = assertThrows(HeluException.class, () -> export(folder, wrong));
      assertEquals(1, refusal.getMessage().lines().count());
      assertFalse(Files.exists(folder));
    }
    HeluException refusal = assertThrows(HeluException.class, () -> export(folder, "2x1,4x3,3x4"));
    assertTrue(refusal.getMessage().contains("'n1'"), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("[1, 2, 4]"), refusal.getMessage());
  }

  /** Whatever is typed: a folding, or one line that says what is wrong with it. */
  @Test
  void noTextCrashesTheFolding() {
    Network network = Lowering.lower(image());
    String alphabet = "0123456789xx,,- +.\u00e9\u0664\n";
    SplittableRandom random = new SplittableRandom(11);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder(i % 4 == 0 ? "2x1,4x2,3x4" : "");
      for (int edits = random.nextInt(1, 8); edits > 0; edits--) {
        int at = random.nextInt(text.length() + 1);
        text.insert(at, alphabet.charAt(random.nextInt(alphabet.length())));
      }
      try {
        Folding.parse(text.toString()).check(network);
      } catch (HeluException e) {
        assertEquals(1, e.getMessage().lines().count(), text.toString());
      }
    }
  }
}
