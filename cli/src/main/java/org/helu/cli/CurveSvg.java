package org.helu.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.helu.compiler.calibration.SearchReport;

/** Accuracy lost over cost of the graphs that a search tried, as SVG. */
final class CurveSvg {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 420;
  private static final int LEFT = 64;
  private static final int TOP = 56;
  private static final int RIGHT = 24;
  private static final int BOTTOM = 56;
  private static final int TICKS = 6;

  private static final String TRIED = "#b8c4d0";
  private static final String BEST = "#2c5f8a";
  private static final String CHOSEN = "#c0392b";

  private final StringBuilder svg = new StringBuilder();
  private final SearchReport report;
  private final Scale x;
  private final Scale y;

  private CurveSvg(SearchReport report, double budgetPoints) {
    this.report = report;
    List<Double> shares = report.points().stream().map(this::share).toList();
    double least = shares.stream().mapToDouble(s -> s).min().orElse(1);
    double most = Math.max(1, shares.stream().mapToDouble(s -> s).max().orElse(1));
    this.x = Scale.covering(100 * least, 100 * most, LEFT, WIDTH - RIGHT, true);
    // Graphs that lose far more than anyone would accept would press the others together.
    double worst = Math.max(4 * budgetPoints, 2);
    double gained = 100 * report.points().stream().mapToDouble(p -> p.drop()).min().orElse(0);
    this.y = Scale.covering(Math.min(0, gained), worst, TOP, HEIGHT - BOTTOM, false);
  }

  static String write(String name, SearchReport report, double budgetPoints) {
    return new CurveSvg(report, budgetPoints).draw(SvgWriter.escape(name), budgetPoints);
  }

  private double share(SearchReport.Point point) {
    return point.cost() / report.floatCost();
  }

  private String draw(String name, double budgetPoints) {
    svg.append(
        format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">%n",
            WIDTH, HEIGHT, WIDTH, HEIGHT));
    svg.append("<title>").append(name).append("</title>\n");
    svg.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
    text(8, 18, "start", name + ": accuracy lost (points, downwards) over cost");
    legend();
    frame(SvgWriter.escape(report.cost().unit()));
    budget(budgetPoints);
    report.points().forEach(point -> mark(point, 2.5, TRIED));
    front();
    mark(report.chosen(), 6, CHOSEN);
    return svg.append("</svg>\n").toString();
  }

  /**
   * An axis.
   *
   * @param from value at the pixel {@code start}
   * @param to value at the pixel {@code end}
   */
  private record Scale(double from, double to, int start, int end, boolean log) {
    /** An axis with some room at both ends; logarithmic, if it may be, for more than a factor 4. */
    static Scale covering(double least, double most, int start, int end, boolean mayBeLog) {
      if (mayBeLog && most > 4 * least) {
        return new Scale(least / 1.2, most * 1.2, start, end, true);
      }
      double room = Math.max((most - least) / 20, 0.05 * Math.abs(most));
      return new Scale(least - room, most + room, start, end, false);
    }

    double at(double value) {
      double share =
          log ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
      return start + Math.clamp(share, 0, 1) * (end - start);
    }

    /** Round values in the range: 1, 2 or 5 times a power of ten, or multiples of one. */
    List<Double> ticks() {
      List<Double> ticks = new ArrayList<>();
      double decade = Math.pow(10, Math.floor(Math.log10(log ? from : (to - from) / TICKS)));
      if (log) {
        for (; decade <= to; decade *= 10) {
          for (int digit : new int[] {1, 2, 5}) {
            ticks.add(digit * decade);
          }
        }
      } else {
        double step = decade;
        for (int digit : new int[] {2, 5, 10}) {
          step = (to - from) / step > TICKS ? digit * decade : step;
        }
        for (double i = Math.ceil(from / step); i * step <= to; i++) {
          ticks.add(i * step);
        }
      }
      ticks.removeIf(tick -> tick < from || tick > to);
      return ticks;
    }
  }

  private void frame(String unit) {
    for (double share : x.ticks()) {
      path(format("M%.1f %d V%d", x.at(share), TOP, HEIGHT - BOTTOM), "#e4e4e4");
      text(x.at(share), HEIGHT - BOTTOM + 18, "middle", number(share) + " %");
    }
    for (double points : y.ticks()) {
      path(format("M%d %.1f H%d", LEFT, y.at(points), WIDTH - RIGHT), "#e4e4e4");
      text(LEFT - 8, y.at(points) + 4, "end", number(points));
    }
    String scale = x.log ? ", logarithmic" : "";
    String title = "cost, share of the float network's (" + unit + scale + ")";
    text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 14, "middle", title);
  }

  private void budget(double points) {
    svg.append(
        format(
            "<path d=\"M%d %.1f H%d\" stroke=\"%s\" stroke-dasharray=\"5 4\"/>%n",
            LEFT, y.at(points), WIDTH - RIGHT, CHOSEN));
    text((LEFT + WIDTH) / 2.0, y.at(points) - 4, "middle", format("budget %.2f", points));
  }

  private void front() {
    StringBuilder line = new StringBuilder();
    for (SearchReport.Point point : report.front()) {
      double px = x.at(100 * share(point));
      double py = y.at(100 * point.drop());
      line.append(line.isEmpty() ? format("M%.1f %.1f", px, py) : format(" H%.1f V%.1f", px, py));
    }
    path(line.toString(), BEST);
    report.front().forEach(point -> mark(point, 3.5, BEST));
  }

  /** A dot; where the drop is beyond the axis, a triangle at its end. */
  private void mark(SearchReport.Point point, double radius, String fill) {
    double px = x.at(100 * share(point));
    double points = 100 * point.drop();
    if (points > y.to) {
      triangle(px, HEIGHT - BOTTOM, radius + 1.5, fill);
    } else {
      dot(px, y.at(points), radius, fill);
    }
  }

  private void legend() {
    int at = 36;
    dot(14, at, 6, CHOSEN);
    text(26, at + 4, "start", "chosen");
    dot(94, at, 3.5, BEST);
    text(104, at + 4, "start", "no other is cheaper and better");
    dot(302, at, 2.5, TRIED);
    text(312, at + 4, "start", "tried");
    triangle(366, at + 4, 5, TRIED);
    text(376, at + 4, "start", "loses more than shown");
  }

  private void dot(double cx, double cy, double radius, String fill) {
    svg.append(
        format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\"/>%n", cx, cy, radius, fill));
  }

  private void triangle(double px, double py, double size, String fill) {
    svg.append(
        format(
            "<path d=\"M%.1f %.1f h%.1f l%.1f %.1f z\" fill=\"%s\"/>%n",
            px - size, py - 1.5 * size, 2 * size, -size, 1.5 * size, fill));
  }

  private void path(String path, String stroke) {
    svg.append(format("<path d=\"%s\" fill=\"none\" stroke=\"%s\"/>%n", path, stroke));
  }

  private void text(double px, double py, String anchor, String text) {
    svg.append(
        format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n", px, py, anchor, text));
  }

  /** At most two decimals, none where they are 0. */
  private static String number(double value) {
    String text = format("%.2f", value + 0.0).replaceAll("\\.?0+$", "");
    return text.equals("-0") ? "0" : text;
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values).replace(System.lineSeparator(), "\n");
  }
}
