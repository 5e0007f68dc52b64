package org.helu.device.rtl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.helu.device.rtl.design.Estimate;
import org.helu.device.rtl.design.Folding;
import org.helu.device.rtl.design.FoldingSearch;
import org.helu.device.rtl.design.Lowering;
import org.helu.device.rtl.design.Network;
import org.helu.device.rtl.design.Part;
import org.helu.device.rtl.design.Resources;
import org.helu.device.rtl.design.Yosys;
import org.helu.device.testkit.TestTools;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.op.Codes;
import org.helu.runtime.op.Epilogue;
import org.helu.runtime.tensor.ElementType;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Estimates against synthesis, and the search that uses them. */
class EstimateTest {
  private static final ElementType BIT = ElementType.BIT;

  @TempDir Path temporary;

  private static BinarizedGraph mlp() {
    return Nets.of("mlp", 1, ElementType.UINT8, 8, 64)
        .dense(32, BIT, Nets.bits(1))
        .codes(Codes.BIPOLAR)
        .dense(32, BIT, Nets.bits(1))
        .dense(10, BIT)
        .build();
  }

  private static BinarizedGraph image() {
    return Nets.of("image", 4, ElementType.UINT8, 8, 12, 12, 4)
        .conv(8, Nets.window(3, 1, 1), BIT, Nets.bits(1))
        .codes(Codes.BIPOLAR)
        .conv(16, Nets.window(3, 2, 1), BIT, Nets.bits(1))
        .maxPool(Nets.window(2, 2, 0))
        .conv(8, Nets.window(1, 1, 0), BIT)
        .build();
  }

  /** Products of bytes, which DSP blocks compute where there are some. */
  private static BinarizedGraph int8() {
    return Nets.of("int8", 5, ElementType.UINT8, 8, 8, 8, 4)
        .codes(Codes.ofZeroPoint(7))
        .conv(8, Nets.window(3, 1, 1), ElementType.INT8, new Epilogue.Requantize(24, 255))
        .maxPool(Nets.window(2, 2, 0))
        .codes(Codes.UNSIGNED)
        .conv(8, Nets.window(3, 1, 1), ElementType.INT8)
        .build();
  }

  private static BinarizedGraph wired() {
    return Nets.of("wired", 1, BIT, 1, 40)
        .codes(Codes.BIPOLAR)
        .dense(24, BIT, Nets.bits(1))
        .dense(6, BIT)
        .build();
  }

  /** None of these is among the designs that the constants of {@code Family} were fitted to. */
  @ParameterizedTest
  @CsvSource({
    "mlp, '2x16,4x4,5x8', ICE40_HX8K",
    "image, '4x2,2x8,1x8,2x4', ICE40_HX8K",
    "image, '4x2,2x8,1x8,2x4', ECP5_25",
    "mlp, '2x16,4x4,5x8', GW2A_18",
    "mlp, '2x16,4x4,5x8', XC7Z020"
  })
  void estimatesAreNearSynthesis(String name, String folding, Part part) {
    TestTools.require("yosys");
    BinarizedGraph graph =
        switch (name) {
          case "mlp" -> mlp();
          case "image" -> image();
          case "int8" -> int8();
          default -> wired();
        };
    Network network = Lowering.lower(graph);
    Path folder = temporary.resolve(name);
    RtlExport.Written written =
        RtlExport.write(
            folder,
            graph,
            network,
            Folding.parse(folding),
            Nets.input(graph, 2, 1),
            null,
            "For a test.");
    SynthesisRun.Counts found = SynthesisRun.synthesize(folder, part);
    Resources estimated =
        Estimate.of(written.design(), part, Yosys.nearest(Tools.version("yosys", "-V")));
    String both = "estimated " + estimated + ", found " + found;
    assertTrue(Math.abs(estimated.luts() - found.luts()) <= 0.25 * found.luts(), both);
    assertEquals(found.blockRams(), estimated.blockRams(), both);
    assertEquals(found.multipliers(), estimated.multipliers(), both);
  }

  @ParameterizedTest
  @CsvSource({
    "wired, '24x40,6x24', ICE40_HX8K",
    "int8, '4x2,1x8,1x4', ICE40_HX8K",
    "mlp, '2x16,4x4,5x8', ECP5_25",
    "wired, '24x40,6x24', ECP5_25",
    "int8, '4x2,1x8,1x4', ECP5_25",
    "image, '4x2,2x8,1x8,2x4', GW2A_18",
    "wired, '24x40,6x24', GW2A_18",
    "int8, '4x2,1x8,1x4', GW2A_18",
    "image, '4x2,2x8,1x8,2x4', XC7Z020",
    "wired, '24x40,6x24', XC7Z020",
    "int8, '4x2,1x8,1x4', XC7Z020"
  })
  void moreEstimatesAreNearSynthesis(String name, String folding, Part part) {
    TestTools.requireLong();
    TestTools.require("yosys");
    Assumptions.assumeFalse(
        name.equals("int8")
            && part == Part.GW2A_18
            && Yosys.nearest(Tools.version("yosys", "-V")) == Yosys.V0_23,
        "yosys 0.23 knows no DSP blocks of Gowin; nor is there a place-and-route tool for it");
    estimatesAreNearSynthesis(name, folding, part);
  }

  @Test
  void searchReachesTheRateWithLessThanTheNextFasterOne() {
    Network network = Lowering.lower(mlp());
    Resources previous = null;
    for (long clocks : new long[] {2048, 512, 128, 32}) {
      FoldingSearch.Found found = FoldingSearch.forPart(network, clocks, Part.ECP5_25);
      assertTrue(found.clocks().interval() <= clocks, found.clocks().toString());
      assertTrue(found.resources().fits(Part.ECP5_25.capacity()));
      assertTrue(previous == null || found.resources().luts() >= previous.luts());
      previous = found.resources();
    }
  }

  @Test
  void searchUnfoldsWhatMustTakeASampleEveryClock() {
    FoldingSearch.Found found = FoldingSearch.forPart(Lowering.lower(wired()), 1, Part.ECP5_25);
    assertEquals("24x40,6x24", found.design().folding().toString());
    assertEquals(1, found.clocks().interval());
  }

  @Test
  void searchSaysWhyNoFoldingServes() {
    BinarizedGraph image =
        Nets.of("image", 4, ElementType.UINT8, 8, 6, 5, 2)
            .conv(4, Nets.window(3, 1, 1), BIT, Nets.bits(1))
            .build();
    HeluException slow =
        assertThrows(
            HeluException.class,
            () -> FoldingSearch.forPart(Lowering.lower(image), 100, Part.ECP5_25));
    assertTrue(slow.getMessage().contains("'n0'"), slow.getMessage());
    assertTrue(slow.getMessage().contains("270 clocks"), slow.getMessage());
    BinarizedGraph wide =
        Nets.of("wide", 5, BIT, 1, 512)
            .codes(Codes.BIPOLAR)
            .dense(512, BIT, Nets.bits(1))
            .dense(10, BIT)
            .build();
    HeluException large =
        assertThrows(
            HeluException.class,
            () -> FoldingSearch.forPart(Lowering.lower(wide), 100_000, Part.ICE40_HX8K));
    assertTrue(large.getMessage().contains("ice40-hx8k has 7680 LUTs"), large.getMessage());
    assertEquals(1, large.getMessage().lines().count());
    assertThrows(HeluException.class, () -> Part.of("ice40"));
  }
}
