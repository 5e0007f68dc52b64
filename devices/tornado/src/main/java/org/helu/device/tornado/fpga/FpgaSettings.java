package org.helu.device.tornado.fpga;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.helu.device.tornado.fpga.Bitstream.Origin;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.AtomicFolder;
import org.helu.runtime.device.Availability;
import org.helu.runtime.tool.CacheFolder;
import org.helu.runtime.tool.Programs;

/**
 * How networks come onto one FPGA, by its names, the environment and helu's properties.
 *
 * @param target what bitstreams have to be for
 * @param mode what becomes of a network without one
 * @param store where bitstreams are
 * @param compiler the vendor's compiler as TornadoVM is to call it
 */
public record FpgaSettings(
    FpgaTarget target, FpgaMode mode, BitstreamStore store, String compiler) {
  private static final String STAGE = "device/fpga";
  private static final String BOARD = "helu.fpga.board";
  private static final String COMPILER = "helu.fpga.compiler";

  /**
   * The settings for an OpenCL device.
   *
   * @throws HeluException if no profile matches, or properties and environment contradict
   */
  public static FpgaSettings of(String device, String platform) {
    Board board = board(device, platform);
    boolean emulates = board.emulates();
    FpgaMode usual = emulates ? FpgaMode.EMULATION : FpgaMode.AHEAD_OF_TIME;
    String chosen = System.getProperty(FpgaMode.PROPERTY);
    FpgaMode mode = chosen == null ? usual : FpgaMode.of(FpgaMode.PROPERTY, chosen);
    if (mode == FpgaMode.EMULATION && !emulates) {
      throw HeluException.invalid(
          STAGE,
          FpgaMode.PROPERTY + " is emulation, but the environment does not ask for the emulator",
          "set " + board.toolchain().emulation());
    }
    return new FpgaSettings(
        new FpgaTarget(board, emulates),
        mode,
        BitstreamStore.ofDefault(),
        System.getProperty(COMPILER, board.compiler()));
  }

  /** Why a device cannot be used as it is: it is none of the boards, and none is named. */
  public static Optional<Availability.Unavailable> objection(String device, String platform) {
    return System.getProperty(BOARD) != null || Board.of(device, platform).isPresent()
        ? Optional.empty()
        : Optional.of(
            new Availability.Unavailable(
                "no board profile matches the device '" + device + "'",
                "name one with HELU_JAVA_OPTS=-D"
                    + BOARD
                    + "=BOARD: "
                    + String.join(", ", Board.ids())));
  }

  private static Board board(String device, String platform) {
    Optional<Board> found = Board.of(device, platform);
    String chosen = System.getProperty(BOARD);
    if (chosen == null) {
      return found.orElseThrow(() -> unavailable(objection(device, platform).orElseThrow()));
    }
    Board board = Board.of(chosen);
    if (found.isPresent() && found.get() != board) {
      throw HeluException.invalid(
          STAGE,
          BOARD + " is " + chosen + ", but the device '" + device + "' is " + found.get().id(),
          "leave " + BOARD + " out");
    }
    return board;
  }

  private static HeluException unavailable(Availability.Unavailable why) {
    return HeluException.of(
        HeluException.Kind.DEVICE_UNAVAILABLE, STAGE, why.reason(), why.remedy());
  }

  /** Whether a missing bitstream is compiled. */
  public boolean compiles() {
    return mode != FpgaMode.AHEAD_OF_TIME;
  }

  /** A network without a bitstream is refused with the command that builds one. */
  public HeluException missing(String model, FpgaKernel kernel) {
    List<String> others = store.targets(kernel);
    String found = others.isEmpty() ? "" : ", found for " + String.join(", ", others);
    boolean usual = System.getProperty(CacheFolder.property(BitstreamStore.KIND)) == null;
    return HeluException.of(
        HeluException.Kind.NOT_BUILT,
        STAGE,
        "no bitstream of '"
            + model
            + "' for "
            + target.id()
            + " in '"
            + store.root()
            + "' (hash "
            + BitstreamStore.hash(kernel)
            + ")"
            + found,
        "build it: ./helu fpga build MODEL --board "
            + target.board().id()
            + (target.emulation() && !target.board().isEmulator()
                ? " --mode " + FpgaMode.EMULATION.label()
                : "")
            + (usual ? "" : " -o " + store.root()));
  }

  /** Keeps a bitstream that TornadoVM has compiled into a folder of its own. */
  public void keep(Bitstream fresh, Bitstream place, String model, FpgaKernel kernel)
      throws IOException {
    String version = BitstreamBuilder.version(compiler);
    String hash = BitstreamStore.hash(kernel);
    Files.writeString(fresh.source(), kernel.source()); // TornadoVM's script moves it away
    fresh.describe(new Origin(model, target.id(), hash, compiler, version));
    AtomicFolder.replace(fresh.folder(), place.folder());
  }

  /**
   * What the compiler said that TornadoVM called to no effect; TornadoVM does not look at how it
   * ended, and loads nothing.
   */
  public HeluException failed(Bitstream fresh, HeluException cause) {
    StringBuilder output = new StringBuilder();
    for (String log : List.of("errorFPGA.log", "outputFPGA.log")) {
      try {
        Files.readAllLines(fresh.folder().resolve(log)).stream()
            .filter(line -> !line.startsWith("Standard ") && !line.startsWith("Command: "))
            .filter(line -> !line.startsWith("-----"))
            .forEach(line -> output.append(line).append('\n'));
      } catch (IOException _) {
        // The compiler was not even called: the cause says why.
      }
    }
    if (output.toString().isBlank()) {
      return cause;
    }
    return HeluException.of(
        HeluException.Kind.DEVICE_UNAVAILABLE,
        STAGE,
        compiler + " made no bitstream: " + new Programs.Result(1, output.toString()).error(),
        "try `./helu fpga build`, which keeps all that it prints",
        cause);
  }

  /**
   * What TornadoVM's calls of the compiler need of the environment.
   *
   * @throws HeluException if something is missing
   */
  public void requireCompiler() {
    BitstreamBuilder.program(target.board(), compilerFile());
    boolean oneApi = System.getenv("ONEAPI_ROOT") != null;
    if (target.board().isEmulator() && !oneApi) {
      throw HeluException.of(
          HeluException.Kind.DEVICE_UNAVAILABLE,
          STAGE,
          "ONEAPI_ROOT is not set, without which TornadoVM calls aocl-ioc64 as it calls aoc",
          "source oneAPI's setvars.sh");
    }
    // With oneAPI in the environment TornadoVM takes every other name for the emulator's compiler.
    boolean aoc = compiler.equals("aoc") && System.getenv("QUARTUS_ROOT_DIR") != null;
    if (target.board().toolchain() == Toolchain.INTEL && oneApi && !aoc) {
      throw HeluException.of(
          HeluException.Kind.DEVICE_UNAVAILABLE,
          STAGE,
          "where ONEAPI_ROOT is set TornadoVM calls aoc from PATH and wants QUARTUS_ROOT_DIR",
          "unset ONEAPI_ROOT, or leave out " + COMPILER + " and set QUARTUS_ROOT_DIR");
    }
  }

  private Path compilerFile() {
    return compiler.equals(target.board().compiler()) ? null : Path.of(compiler);
  }
}
