package org.helu.cli;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** A drawing as SVG, laid out without Graphviz. */
final class SvgWriter {
  private SvgWriter() {}

  static String write(String name, Drawing drawing) {
    LayeredLayout layout = new LayeredLayout(drawing);
    StringBuilder svg = new StringBuilder();
    svg.append(
        format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\""
                + " viewBox=\"0 0 %.0f %.0f\" font-family=\"monospace\" font-size=\"11\">\n",
            layout.width(), layout.height(), layout.width(), layout.height()));
    svg.append("<title>").append(escape(name)).append("</title>\n");
    svg.append(
        """
        <defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" \
        markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#555"/></marker></defs>
        <rect width="100%" height="100%" fill="white"/>
        """);
    Set<Integer> labelled = new HashSet<>();
    for (int i = 0; i < drawing.arrows().size(); i++) {
      Drawing.Arrow arrow = drawing.arrows().get(i);
      appendArrow(svg, arrow, layout.routes.get(i));
      // A box writes one value: its type is told once, where its arrows start.
      if (labelled.add(arrow.from())) {
        LayeredLayout.Slot from = layout.boxes.get(arrow.from());
        double labelY = from.top() + LayeredLayout.BOX_HEIGHT + 13;
        appendText(svg, from.centerX + 5, labelY, "start", "#777", arrow.label());
      }
    }
    for (int i = 0; i < drawing.boxes().size(); i++) {
      appendBox(svg, drawing.boxes().get(i), layout.boxes.get(i));
    }
    return svg.append("</svg>\n").toString();
  }

  private static void appendBox(StringBuilder svg, Drawing.Box box, LayeredLayout.Slot slot) {
    String fill =
        switch (box.role()) {
          case INPUT -> "#e3f2e1";
          case OUTPUT -> "#e1ecf7";
          case NODE -> box.detail().contains("gate") ? "#fdf1d8" : "#f4f4f4";
        };
    svg.append(
        format(
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\" rx=\"%d\" fill=\"%s\""
                + " stroke=\"#555\"/>\n",
            slot.centerX - slot.width / 2.0,
            slot.top(),
            slot.width,
            LayeredLayout.BOX_HEIGHT,
            box.role() == Drawing.Role.NODE ? 3 : LayeredLayout.BOX_HEIGHT / 2,
            fill));
    appendText(svg, slot.centerX, slot.top() + 17, "middle", "#000", box.title());
    appendText(svg, slot.centerX, slot.top() + 31, "middle", "#555", box.detail());
  }

  private static void appendArrow(
      StringBuilder svg, Drawing.Arrow arrow, List<LayeredLayout.Slot> route) {
    LayeredLayout.Slot first = route.getFirst();
    StringBuilder path = new StringBuilder();
    double x = first.centerX;
    double y = first.top() + LayeredLayout.BOX_HEIGHT;
    path.append(format("M%.1f %.1f", x, y));
    for (LayeredLayout.Slot next : route.subList(1, route.size())) {
      double middle = (y + next.top()) / 2;
      path.append(
          format(
              " C%.1f %.1f %.1f %.1f %.1f %.1f",
              x, middle, next.centerX, middle, next.centerX, next.top()));
      x = next.centerX;
      y = next.top();
      if (next != route.getLast()) {
        y += LayeredLayout.BOX_HEIGHT;
        path.append(format(" L%.1f %.1f", x, y));
      }
    }
    svg.append("<path d=\"").append(path);
    svg.append("\" fill=\"none\" stroke=\"#555\" marker-end=\"url(#head)\"");
    svg.append(arrow.gated() ? " stroke-dasharray=\"4 2\"" : "").append("/>\n");
  }

  private static void appendText(
      StringBuilder svg, double x, double y, String anchor, String fill, String text) {
    svg.append(
        format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">", x, y, anchor, fill));
    svg.append(escape(text)).append("</text>\n");
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }

  /** Text as XML; names come from files and may hold what XML forbids. */
  static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '&' -> escaped.append("&amp;");
                case '"' -> escaped.append("&quot;");
                default -> {
                  boolean allowed =
                      c >= 0x20 && (c < 0xD800 || c > 0xDFFF) && (c & 0xFFFE) != 0xFFFE;
                  escaped.appendCodePoint(allowed ? c : 0xFFFD);
                }
              }
            });
    return escaped.toString();
  }
}
