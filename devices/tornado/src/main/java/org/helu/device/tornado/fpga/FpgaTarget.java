package org.helu.device.tornado.fpga;

/**
 * What a bitstream is for.
 *
 * @param emulation for the vendor's emulator of the board, not for the board
 */
public record FpgaTarget(Board board, boolean emulation) {
  /** The name that bitstreams for it are kept under. */
  public String id() {
    return board.id() + (emulation && !board.isEmulator() ? "-emulation" : "");
  }
}
