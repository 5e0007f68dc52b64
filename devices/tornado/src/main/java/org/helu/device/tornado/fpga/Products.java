package org.helu.device.tornado.fpga;

/** How the products of a layer are formed and summed: what its innermost loop does. */
interface Products {
  /** C's type of sums. */
  String sumType();

  /** What the sum of an output channel starts from. */
  String first(String channel);

  /**
   * Writes the products of one turn of the innermost loop.
   *
   * @param at where the turn is
   */
  void write(Turn at);

  /**
   * A turn of the innermost loop.
   *
   * @param tap that is read
   * @param block number of the block of output channels
   * @param term number of the block of terms
   */
  record Turn(Taps.Tap tap, String block, String term) {}
}
