package org.helu.device.tornado.fpga;

import java.util.Arrays;
import java.util.Locale;
import org.helu.runtime.HeluException;

/** What becomes of a network whose bitstream is not there. TornadoVM's three modes. */
public enum FpgaMode {
  /** It is refused, with the command that builds one. */
  AHEAD_OF_TIME,

  /** TornadoVM calls the vendor's compiler, for hours. */
  FULL_JIT,

  /** As {@link #FULL_JIT}, for the vendor's emulator, which compiles in seconds to minutes. */
  EMULATION;

  /** Overrides the choice by the environment. */
  static final String PROPERTY = "helu.fpga.mode";

  /** The name that users give. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** All names. */
  public static String labels() {
    return String.join(", ", Arrays.stream(values()).map(FpgaMode::label).toList());
  }

  /**
   * The mode of that name.
   *
   * @param place where the name stands, for the message
   * @throws HeluException listing the names there are
   */
  public static FpgaMode of(String place, String label) {
    return Arrays.stream(values())
        .filter(mode -> mode.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                HeluException.invalid(
                    "fpga/mode", place + ": no mode '" + label + "'", "name one of " + labels()));
  }
}
