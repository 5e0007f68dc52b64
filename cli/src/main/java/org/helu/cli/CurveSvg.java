package org.helu.cli;

import java.util.List;
import java.util.Locale;
import org.helu.compiler.calibration.SearchReport;

/** Accuracy lost over cost of the graphs that a search tried, as SVG. */
final class CurveSvg {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 400;
  private static final int LEFT = 64;
  private static final int TOP = 40;
  private static final int RIGHT = 24;
  private static final int BOTTOM = 56;
  private static final int TICKS = 5;

  private CurveSvg() {}

  static String write(String name, SearchReport report, double budgetPoints) {
    double whole = report.floatCost();
    // Graphs that lose far more than anyone would accept would press the others together.
    double most = Math.max(4 * budgetPoints, 2);
    double least =
        Math.min(
            0,
            100 * report.points().stream().mapToDouble(SearchReport.Point::drop).min().orElse(0));
    Axes axes = new Axes(Math.floor(least), most);
    StringBuilder svg = new StringBuilder();
    svg.append(
        format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">%n",
            WIDTH, HEIGHT, WIDTH, HEIGHT));
    svg.append("<title>").append(SvgWriter.escape(name)).append("</title>\n");
    svg.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
    frame(svg, axes, report.cost().unit());
    line(svg, axes, budgetPoints);
    for (SearchReport.Point point : report.points()) {
      dot(svg, axes.x(point.cost() / whole), axes.y(100 * point.drop()), 2.5, "#b8c4d0");
    }
    front(svg, axes, report.front(), whole);
    SearchReport.Point chosen = report.chosen();
    dot(svg, axes.x(chosen.cost() / whole), axes.y(100 * chosen.drop()), 6, "#c0392b");
    text(svg, WIDTH - RIGHT, TOP - 14, "end", SvgWriter.escape(name) + ": red is chosen");
    return svg.append("</svg>\n").toString();
  }

  /** Where a share of the float network's cost and a drop in points lie. */
  private record Axes(double least, double most) {
    double x(double share) {
      return LEFT + Math.clamp(share, 0, 1) * (WIDTH - LEFT - RIGHT);
    }

    double y(double points) {
      double clipped = Math.clamp(points, least, most);
      return TOP + (clipped - least) / (most - least) * (HEIGHT - TOP - BOTTOM);
    }
  }

  private static void frame(StringBuilder svg, Axes axes, String unit) {
    for (int i = 0; i <= TICKS; i++) {
      double share = (double) i / TICKS;
      double points = axes.least + (axes.most - axes.least) * i / TICKS;
      svg.append(
          format(
              "<path d=\"M%.1f %d V%d M%d %.1f H%d\" stroke=\"#e4e4e4\" fill=\"none\"/>%n",
              axes.x(share), TOP, HEIGHT - BOTTOM, LEFT, axes.y(points), WIDTH - RIGHT));
      text(svg, axes.x(share), HEIGHT - BOTTOM + 18, "middle", format("%.0f %%", 100 * share));
      text(svg, LEFT - 8, axes.y(points) + 4, "end", format("%.1f", points));
    }
    text(
        svg,
        (LEFT + WIDTH - RIGHT) / 2.0,
        HEIGHT - 14,
        "middle",
        "cost, share of the float network (" + SvgWriter.escape(unit) + ")");
    text(svg, 8, TOP - 14, "start", "accuracy lost, points (lower is worse)");
  }

  private static void line(StringBuilder svg, Axes axes, double budgetPoints) {
    double y = axes.y(budgetPoints);
    svg.append(
        format(
            "<path d=\"M%d %.1f H%d\" stroke=\"#c0392b\" stroke-dasharray=\"5 4\"/>%n",
            LEFT, y, WIDTH - RIGHT));
    text(svg, WIDTH - RIGHT - 4, y - 4, "end", format("budget %.2f", budgetPoints));
  }

  private static void front(
      StringBuilder svg, Axes axes, List<SearchReport.Point> front, double whole) {
    StringBuilder path = new StringBuilder();
    for (SearchReport.Point point : front) {
      double x = axes.x(point.cost() / whole);
      double y = axes.y(100 * point.drop());
      path.append(path.isEmpty() ? format("M%.1f %.1f", x, y) : format(" H%.1f V%.1f", x, y));
    }
    svg.append("<path d=\"").append(path).append("\" fill=\"none\" stroke=\"#2c5f8a\"/>\n");
    for (SearchReport.Point point : front) {
      dot(svg, axes.x(point.cost() / whole), axes.y(100 * point.drop()), 3.5, "#2c5f8a");
    }
  }

  private static void dot(StringBuilder svg, double x, double y, double radius, String fill) {
    svg.append(
        format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\"/>%n", x, y, radius, fill));
  }

  private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
    svg.append(
        format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n", x, y, anchor, text));
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values).replace(System.lineSeparator(), "\n");
  }
}
