package org.helu.device.tornado.fpga;

/**
 * The order of weights in ROM: what one turn of the innermost loop reads lies together, {@code [O /
 * PE, taps, terms / SIMD, PE, SIMD]}.
 */
record WeightOrder(Matrix matrix, Fold fold) {
  int length() {
    return matrix.outC() * matrix.window().taps() * matrix.terms();
  }

  /** Where a weight lies in the graph's order, {@code [O, taps, terms]}. */
  long source(int index) {
    int s = index % fold.simd();
    int p = index / fold.simd() % fold.pe();
    int turn = index / fold.products();
    int termBlocks = matrix.terms() / fold.simd();
    int tap = turn / termBlocks % matrix.window().taps();
    int block = turn / termBlocks / matrix.window().taps();
    long row = (long) (block * fold.pe() + p) * matrix.window().taps() + tap;
    return row * matrix.terms() + turn % termBlocks * fold.simd() + s;
  }

  /**
   * The index of a weight.
   *
   * @param p output of the block
   * @param s term of the block
   */
  String index(Products.Turn turn, String p, String s) {
    return Expr.sum(Expr.times(turn(turn), fold.products()), Expr.times(p, fold.simd()), s);
  }

  /** The number of a turn among all turns of a pixel. */
  String turn(Products.Turn turn) {
    int termBlocks = matrix.terms() / fold.simd();
    return Expr.sum(
        Expr.times(turn.block(), (long) matrix.window().taps() * termBlocks),
        Expr.times(turn.tap().number(), termBlocks),
        turn.term());
  }
}
