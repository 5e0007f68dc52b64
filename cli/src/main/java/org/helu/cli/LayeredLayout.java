package org.helu.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Places boxes in horizontal ranks so that every arrow points down (Sugiyama, Tagawa and Toda,
 * <i>Methods for Visual Understanding of Hierarchical System Structures</i>, 1981): ranks by
 * longest path, long arrows led through empty slots of the ranks they cross, slots of a rank
 * ordered by the mean position of their neighbours.
 */
final class LayeredLayout {
  static final int BOX_HEIGHT = 40;
  static final int RANK_HEIGHT = 84;
  private static final int GAP = 24;
  private static final int SLOT_WIDTH = 10;
  private static final int MARGIN = 16;
  private static final int CHARACTER_WIDTH = 7;
  private static final int SWEEPS = 4;

  /** A box, or a place where a long arrow crosses a rank. */
  static final class Slot {
    final int rank;
    final int width;
    final List<Slot> above = new ArrayList<>();
    final List<Slot> below = new ArrayList<>();
    double position;
    double centerX;

    private Slot(int rank, int width) {
      this.rank = rank;
      this.width = width;
    }

    double top() {
      return MARGIN + (double) rank * RANK_HEIGHT;
    }
  }

  final List<Slot> boxes = new ArrayList<>();

  /** The slots that each arrow of the drawing goes through, both ends included. */
  final List<List<Slot>> routes = new ArrayList<>();

  private final List<List<Slot>> ranks = new ArrayList<>();

  LayeredLayout(Drawing drawing) {
    int[] rank = longestPaths(drawing);
    for (int i = 0; i < drawing.boxes().size(); i++) {
      boxes.add(slot(rank[i], boxWidth(drawing.boxes().get(i))));
    }
    for (Drawing.Arrow arrow : drawing.arrows()) {
      List<Slot> route = new ArrayList<>(List.of(boxes.get(arrow.from())));
      for (int r = rank[arrow.from()] + 1; r < rank[arrow.to()]; r++) {
        route.add(slot(r, SLOT_WIDTH));
      }
      route.add(boxes.get(arrow.to()));
      for (int i = 1; i < route.size(); i++) {
        route.get(i - 1).below.add(route.get(i));
        route.get(i).above.add(route.get(i - 1));
      }
      routes.add(route);
    }
    order();
    place();
  }

  double width() {
    return 2 * MARGIN + ranks.stream().mapToDouble(LayeredLayout::rankWidth).max().orElse(0);
  }

  double height() {
    return 2 * MARGIN + BOX_HEIGHT + Math.max(0, ranks.size() - 1) * (double) RANK_HEIGHT;
  }

  private Slot slot(int rank, int width) {
    Slot slot = new Slot(rank, width);
    while (ranks.size() <= rank) {
      ranks.add(new ArrayList<>());
    }
    slot.position = ranks.get(rank).size();
    ranks.get(rank).add(slot);
    return slot;
  }

  private static int boxWidth(Drawing.Box box) {
    return 16 + CHARACTER_WIDTH * Math.max(box.title().length(), box.detail().length());
  }

  private static int[] longestPaths(Drawing drawing) {
    int[] rank = new int[drawing.boxes().size()];
    // Arrows are listed by the box they point to, and boxes come after all that they read.
    for (Drawing.Arrow arrow : drawing.arrows()) {
      rank[arrow.to()] = Math.max(rank[arrow.to()], rank[arrow.from()] + 1);
    }
    return rank;
  }

  private void order() {
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      boolean down = sweep % 2 == 0;
      for (int i = 0; i < ranks.size(); i++) {
        List<Slot> row = ranks.get(down ? i : ranks.size() - 1 - i);
        for (Slot slot : row) {
          List<Slot> neighbours = down ? slot.above : slot.below;
          slot.position =
              neighbours.stream().mapToDouble(n -> n.position).average().orElse(slot.position);
        }
        row.sort(Comparator.comparingDouble(slot -> slot.position));
        for (int p = 0; p < row.size(); p++) {
          // Relative to the middle, so that ranks of different lengths compare.
          row.get(p).position = p - (row.size() - 1) / 2.0;
        }
      }
    }
  }

  private void place() {
    double width = width();
    for (List<Slot> row : ranks) {
      double x = (width - rankWidth(row)) / 2;
      for (Slot slot : row) {
        slot.centerX = x + slot.width / 2.0;
        x += slot.width + GAP;
      }
    }
  }

  private static double rankWidth(List<Slot> row) {
    int[] widths = row.stream().mapToInt(slot -> slot.width).toArray();
    return Arrays.stream(widths).sum() + (double) GAP * Math.max(0, widths.length - 1);
  }
}
