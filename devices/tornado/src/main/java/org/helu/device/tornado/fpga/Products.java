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
   * @param pixel index of the pixel that the tap reads
   * @param inside name of what tells whether that pixel lies in the image, or null where all do
   * @param block number of the block of output channels
   * @param tap number of the tap
   * @param term number of the block of terms
   */
  record Turn(String pixel, String inside, String block, String tap, String term) {}
}
