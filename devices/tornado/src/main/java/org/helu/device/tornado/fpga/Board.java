package org.helu.device.tornado.fpga;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.helu.runtime.HeluException;

/**
 * Boards, with what TornadoVM and the vendor's compiler have to be told of them.
 *
 * <p>Unless a constant says otherwise its values are those of TornadoVM 5.2's page <a
 * href="https://tornadovm.readthedocs.io/en/latest/fpga-programming.html">FPGA Programming</a> and
 * of the files {@code etc/*-fpga.conf} of its SDK. None of these boards was at hand.
 */
public enum Board {
  /**
   * Nallatech 385A; compiled by Quartus 17.1 there. TornadoVM's {@code -v} is left out: TornadoVM
   * reads what a compiler prints only when it has ended, and one that prints more than a pipe holds
   * never would.
   */
  ARRIA_10(
      "arria10",
      "Intel Arria 10 GT 1150 (Nallatech 385A)",
      Toolchain.INTEL,
      "p385a_sch_ax115",
      "aoc",
      List.of("-report"),
      Long.MAX_VALUE),

  /**
   * TornadoVM has no example of it. The board's name is that of Intel's reference platform {@code
   * s10_ref} (Intel FPGA SDK for OpenCL, Stratix 10 GX FPGA Development Kit Reference Platform
   * Porting Guide, 683809).
   */
  STRATIX_10(
      "stratix10",
      "Intel Stratix 10 GX development kit",
      Toolchain.INTEL,
      "s10gx",
      "aoc",
      List.of("-report"),
      Long.MAX_VALUE),

  /** Runs on the CPU; needs Intel's oneAPI base toolkit, whose {@code ONEAPI_ROOT} must be set. */
  ONEAPI_EMULATOR(
      "oneapi-emulator",
      "emulator of Intel oneAPI",
      Toolchain.ONEAPI,
      "fpga_fast_emu",
      "aocl-ioc64",
      List.of(),
      Long.MAX_VALUE),

  /**
   * Compiled by Vitis 2020.2 there. The driver reports 1 GB, but XRT fails beyond 64 MB of memory.
   */
  ALVEO_U50(
      "alveo-u50",
      "AMD/Xilinx Alveo U50",
      Toolchain.XILINX,
      "xilinx_u50_gen3x16_xdma_201920_3",
      "v++",
      List.of("-O3", "-j12"),
      64L << 20),

  /** Compiled by SDAccel 2018.2 and 2018.3 there. */
  KCU1500(
      "kcu1500",
      "AMD/Xilinx Kintex UltraScale KCU1500",
      Toolchain.XILINX,
      "xilinx_kcu1500_dynamic_5_0",
      "xocc",
      List.of("-O3", "-j12"),
      Long.MAX_VALUE);

  private final String id;
  private final String hardware;
  private final Toolchain toolchain;
  private final String deviceName;
  private final String compiler;
  private final List<String> flags;
  private final long maxBytes;

  Board(
      String id,
      String hardware,
      Toolchain toolchain,
      String deviceName,
      String compiler,
      List<String> flags,
      long maxBytes) {
    this.id = id;
    this.hardware = hardware;
    this.toolchain = toolchain;
    this.deviceName = deviceName;
    this.compiler = compiler;
    this.flags = flags;
    this.maxBytes = maxBytes;
  }

  /**
   * The board of that name.
   *
   * @throws HeluException listing the names there are
   */
  public static Board of(String id) {
    return Arrays.stream(values())
        .filter(board -> board.id.equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                HeluException.invalid(
                    "fpga/board",
                    "no board '" + id + "'",
                    "name one of " + String.join(", ", ids())));
  }

  /**
   * The board that an OpenCL device is, by its name and its platform's; empty where no profile
   * matches, as with {@code aoc}'s own emulator.
   */
  public static Optional<Board> of(String device, String platform) {
    if (platform.toLowerCase(Locale.ROOT).contains("emulation")) {
      return Optional.of(ONEAPI_EMULATOR);
    }
    return Arrays.stream(values()).filter(board -> device.contains(board.deviceName)).findFirst();
  }

  /** All names. */
  public static List<String> ids() {
    return Arrays.stream(values()).map(Board::id).toList();
  }

  /** The name that users give. */
  public String id() {
    return id;
  }

  /** Chip and card. */
  public String hardware() {
    return hardware;
  }

  Toolchain toolchain() {
    return toolchain;
  }

  /** What the vendor's compiler calls it. */
  public String deviceName() {
    return deviceName;
  }

  /** The vendor's compiler. */
  public String compiler() {
    return compiler;
  }

  /** Options of the compiler beside those that name the board and the files. */
  public List<String> flags() {
    return flags;
  }

  /** Device memory that a network may take; {@link Long#MAX_VALUE} where no limit is documented. */
  public long maxBytes() {
    return maxBytes;
  }

  /** Whether it is nothing but an emulator. */
  public boolean isEmulator() {
    return toolchain == Toolchain.ONEAPI;
  }

  /** Whether the environment asks for the emulator in place of the board. */
  public boolean emulates() {
    return isEmulator() || toolchain.emulates();
  }
}
