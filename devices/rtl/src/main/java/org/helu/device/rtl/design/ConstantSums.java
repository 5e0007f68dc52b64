package org.helu.device.rtl.design;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The sums of a matrix of one-bit weights that is computed at once, so that its weights are wires:
 * for every output the sum over inputs of {@code code XNOR weight}, unsigned, by a tree of adders.
 *
 * <p>Outputs whose weights agree on a part of the inputs share that part's sum: of three inputs
 * there are but 8 sums, however many outputs there are. Level 0 counts the bits of up to three
 * one-bit codes, or is one code of several bits; every further level adds two parts of the one
 * below.
 */
public final class ConstantSums {
  /**
   * One-bit inputs of a part of level 0. Three fill a count of two bits; two such counts are the
   * four inputs of each LUT of the next level.
   */
  private static final int COUNTED_BITS = 3;

  /**
   * A part of a sum.
   *
   * @param first first input
   * @param weights of the inputs from there on, 1 for +1 and 0 for -1
   * @param most the greatest value
   * @param left node of the level below, or -1 where the inputs themselves are read
   * @param right likewise, or -1 where there is nothing to add
   */
  public record Node(int first, String weights, long most, int left, int right) {
    /** Bits of the value. */
    public int width() {
      return Bits.unsigned(most);
    }
  }

  private final String name;
  private final int inputs;
  private final int codeBits;
  private final List<List<Node>> levels = new ArrayList<>();

  /** Of every output, its node of the last level. */
  private final int[] outputs;

  ConstantSums(String name, int[][] weights, int codeBits) {
    this.name = name;
    this.inputs = weights[0].length;
    this.codeBits = codeBits;
    this.outputs = new int[weights.length];
    String[] rows = new String[weights.length];
    for (int o = 0; o < rows.length; o++) {
      StringBuilder row = new StringBuilder();
      for (int weight : weights[o]) {
        row.append(weight > 0 ? '1' : '0');
      }
      rows[o] = row.toString();
    }
    int span = codeBits == 1 ? COUNTED_BITS : 1;
    int[][] below = null;
    for (; below == null || span / 2 < inputs; span *= 2) {
      below = level(rows, span, below);
    }
    for (int o = 0; o < outputs.length; o++) {
      outputs[o] = below[o][0];
    }
  }

  /** Adds a level whose parts span so many inputs; gives every output's nodes. */
  private int[][] level(String[] rows, int span, int[][] below) {
    List<Node> level = new ArrayList<>();
    int parts = Math.ceilDiv(inputs, span);
    int[][] nodes = new int[rows.length][parts];
    long greatest = (1L << codeBits) - 1;
    for (int part = 0; part < parts; part++) {
      int first = part * span;
      int end = Math.min(inputs, first + span);
      Map<String, Integer> known = new LinkedHashMap<>();
      for (int o = 0; o < rows.length; o++) {
        String weights = rows[o].substring(first, end);
        Integer node = known.get(weights);
        if (node == null) {
          boolean pair = below != null && 2 * part + 1 < below[o].length;
          node = level.size();
          level.add(
              new Node(
                  first,
                  weights,
                  greatest * (end - first),
                  below == null ? -1 : below[o][2 * part],
                  pair ? below[o][2 * part + 1] : -1));
          known.put(weights, node);
        }
        nodes[o][part] = node;
      }
    }
    levels.add(level);
    return nodes;
  }

  /** Of the module. */
  public String name() {
    return name;
  }

  /** Inputs of a sum. */
  public int inputs() {
    return inputs;
  }

  /** Bits of an input. */
  public int codeBits() {
    return codeBits;
  }

  /** The tree's levels, each a register behind the one before. */
  public List<List<Node>> levels() {
    return levels;
  }

  /** Number of an output's node in the last level. */
  public int output(int o) {
    return outputs[o];
  }

  /** Sums. */
  public int outputs() {
    return outputs.length;
  }
}
