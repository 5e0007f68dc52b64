package org.helu.device.tornado.fpga;

/**
 * How much of a layer is computed at once, as in Verilog ({@code docs/fpga.md}).
 *
 * @param pe outputs at a time
 * @param simd terms of each sum at a time: codes, or packed words of a layer of bits
 */
record Fold(int pe, int simd) {
  /** One product at a time. */
  static final Fold NONE = new Fold(1, 1);

  int products() {
    return pe * simd;
  }
}
