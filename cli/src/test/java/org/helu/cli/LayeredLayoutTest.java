package org.helu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LayeredLayoutTest {
  @Test
  void arrowsPointDownAndBoxesDoNotOverlap() {
    for (long seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      Drawing drawing = random(random, random.nextInt(1, 30));
      LayeredLayout layout = new LayeredLayout(drawing);
      String where = "seed " + seed;
      for (int i = 0; i < drawing.arrows().size(); i++) {
        List<LayeredLayout.Slot> route = layout.routes.get(i);
        assertEquals(layout.boxes.get(drawing.arrows().get(i).from()), route.getFirst(), where);
        assertEquals(layout.boxes.get(drawing.arrows().get(i).to()), route.getLast(), where);
        for (int p = 1; p < route.size(); p++) {
          assertEquals(route.get(p - 1).rank + 1, route.get(p).rank, where);
        }
      }
      for (LayeredLayout.Slot a : layout.boxes) {
        assertTrue(a.centerX - a.width / 2.0 >= 0, where);
        assertTrue(a.centerX + a.width / 2.0 <= layout.width(), where);
        assertTrue(a.top() + LayeredLayout.BOX_HEIGHT <= layout.height(), where);
        for (LayeredLayout.Slot b : layout.boxes) {
          double apart = Math.abs(a.centerX - b.centerX);
          assertTrue(a == b || a.rank != b.rank || apart >= (a.width + b.width) / 2.0, where);
        }
      }
    }
  }

  @Test
  void namesFromFilesAreEscaped() {
    Drawing drawing =
        new Drawing(List.of(new Drawing.Box(Drawing.Role.NODE, "<&\"\u0001\\>", "")), List.of());
    String svg = SvgWriter.write("</title>", drawing);
    assertTrue(svg.contains("&lt;&amp;&quot;\uFFFD\\&gt;"), svg);
    assertTrue(svg.contains("<title>&lt;/title&gt;</title>"), svg);
    String dot = DotWriter.write("\"];", drawing);
    assertTrue(dot.contains("digraph \"\\\"];\""), dot);
    assertTrue(dot.contains("[label=\"<&\\\" \\\\>\""), dot);
  }

  private static Drawing random(Random random, int count) {
    List<Drawing.Box> boxes = new ArrayList<>();
    List<Drawing.Arrow> arrows = new ArrayList<>();
    for (int to = 0; to < count; to++) {
      boxes.add(new Drawing.Box(Drawing.Role.NODE, "n".repeat(random.nextInt(1, 30)), "op"));
      for (int from = 0; from < to; from++) {
        if (random.nextInt(4) == 0) {
          arrows.add(new Drawing.Arrow(from, to, "float32", false));
        }
      }
    }
    return new Drawing(boxes, arrows);
  }
}
