package org.helu.device.tornado.fpga;

import java.util.ArrayList;
import java.util.List;

/**
 * What a kernel takes on chip and how long it computes, from sizes and unroll factors alone: an
 * estimate to choose a board by, no result of synthesis.
 *
 * @param layers in the order in which they run, the copies from and to the host's arrays among them
 */
public record FpgaEstimate(List<LayerEstimate> layers) {
  /** Columns of a report that hold names. */
  private static final int NAMES = 2;

  public FpgaEstimate {
    layers = List.copyOf(layers);
  }

  /** Multiply-accumulates and other elements of a sample. */
  public long operations() {
    return layers.stream().mapToLong(LayerEstimate::operations).sum();
  }

  /** ROM of weights and parameters. */
  public long weightBits() {
    return layers.stream().mapToLong(LayerEstimate::weightBits).sum();
  }

  /** RAM of inputs and activations. */
  public long activationBits() {
    return layers.stream().mapToLong(LayerEstimate::activationBits).sum();
  }

  /** Memory that has to fit the chip. */
  public long onChipBits() {
    return weightBits() + activationBits();
  }

  /** Clocks of a sample: layers run one behind the other. */
  public long clocksPerSample() {
    return layers.stream().mapToLong(LayerEstimate::clocks).sum();
  }

  /**
   * A table of all layers and their totals: unrolling, operations, bits of ROM and RAM, initiation
   * interval ({@code ?} where only synthesis tells it), clocks.
   */
  public List<String> report() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of("node", "op", "PE", "SIMD", "operations", "ROM bits", "RAM bits", "II", "clocks"));
    layers.forEach(layer -> rows.add(row(layer)));
    rows.add(
        List.of(
            "total",
            "",
            "",
            "",
            Long.toString(operations()),
            Long.toString(weightBits()),
            Long.toString(activationBits()),
            "",
            (isLowerBound() ? ">=" : "") + clocksPerSample()));
    return aligned(rows);
  }

  private static List<String> row(LayerEstimate layer) {
    int interval = layer.initiationInterval();
    return List.of(
        layer.node(),
        layer.op(),
        Integer.toString(layer.pe()),
        Integer.toString(layer.simd()),
        Long.toString(layer.operations()),
        Long.toString(layer.weightBits()),
        Long.toString(layer.activationBits()),
        interval == 0 ? "?" : Integer.toString(interval),
        Long.toString(layer.clocks()));
  }

  /** Columns as wide as they have to be, names to the left, numbers to the right. */
  private static List<String> aligned(List<List<String>> rows) {
    List<String> lines = new ArrayList<>();
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (int c = 0; c < columns; c++) {
      int column = c;
      widths[c] = rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < columns; c++) {
        String padding = " ".repeat(widths[c] - row.get(c).length());
        line.append(c == 0 ? "" : "  ");
        line.append(c < NAMES ? row.get(c) + padding : padding + row.get(c));
      }
      lines.add(line.toString());
    }
    return lines;
  }

  /** Whether {@link #clocksPerSample} is a lower bound, since an initiation interval is unknown. */
  public boolean isLowerBound() {
    return layers.stream().anyMatch(layer -> layer.initiationInterval() == 0);
  }
}
