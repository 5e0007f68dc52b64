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
import org.helu.device.testkit.TestTools;
import org.helu.runtime.HeluException;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.op.Codes;
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

  /**
   * Of these, "mlp 4x8,4x8,2x8" on iCE40 was among the designs that the constants were fitted to.
   */
  @ParameterizedTest
  @CsvSource({
    "mlp, '4x8,4x8,2x8', ICE40_HX8K",
    "mlp, '8x16,2x16,10x4', ICE40_HX8K",
    "image, '2x4,4x8,1x16,4x8', ICE40_HX8K"
  })
  void lutsAreWithinAQuarterOfSynthesis(String name, String folding, Part part) {
    TestTools.require("yosys");
    BinarizedGraph graph = name.equals("mlp") ? mlp() : image();
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
    int estimated = Estimate.of(written.design(), part).luts();
    SynthesisRun.Counts found = SynthesisRun.synthesize(folder, part);
    assertTrue(
        Math.abs(estimated - found.luts()) <= 0.25 * found.luts(),
        "estimated " + estimated + ", found " + found.luts());
  }

  /** One factor a part on iCE40's numbers, fitted to yosys 0.23: a newer one merges more. */
  @ParameterizedTest
  @CsvSource({
    "mlp, '8x16,2x16,10x4', ECP5_25",
    "image, '2x4,4x8,1x16,4x8', ECP5_25",
    "mlp, '8x16,2x16,10x4', GW2A_18",
    "image, '2x4,4x8,1x16,4x8', GW2A_18",
    "mlp, '8x16,2x16,10x4', XC7Z020",
    "image, '2x4,4x8,1x16,4x8', XC7Z020"
  })
  void otherPartsAreWithinAQuarterOfYosys023(String name, String folding, Part part) {
    TestTools.requireLong();
    TestTools.require("yosys");
    Assumptions.assumeTrue(
        Tools.version("yosys", "-V").startsWith("Yosys 0.23 "), "the factors are for yosys 0.23");
    lutsAreWithinAQuarterOfSynthesis(name, folding, part);
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
