package org.helu.cli;

import org.helu.runtime.HeluException;

/** What the process returns; part of the command's contract (docs/cli.md). */
final class ExitCode {
  /** Done, and every check passed. */
  static final int OK = 0;

  /** Done, but a check (a sample, a comparison, a diagnosis) failed. */
  static final int CHECK_FAILED = 1;

  /** The command line is wrong. */
  static final int USAGE = 2;

  /** An input file is malformed, or its model is not supported. */
  static final int BAD_INPUT = 3;

  /** The device is absent or broken. */
  static final int DEVICE_UNAVAILABLE = 4;

  /** Reading or writing failed, or memory ran out. */
  static final int IO = 5;

  /** A bug in helu (EX_SOFTWARE of sysexits.h). */
  static final int INTERNAL = 70;

  private ExitCode() {}

  static int of(HeluException.Kind kind) {
    return switch (kind) {
      case INVALID_INPUT, UNSUPPORTED -> BAD_INPUT;
      case DEVICE_UNAVAILABLE, NOT_BUILT -> DEVICE_UNAVAILABLE;
      case IO -> IO;
    };
  }
}
