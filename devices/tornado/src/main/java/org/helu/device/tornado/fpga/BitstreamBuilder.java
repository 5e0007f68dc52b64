package org.helu.device.tornado.fpga;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.helu.device.tornado.fpga.Bitstream.Origin;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.AtomicFile;
import org.helu.runtime.data.AtomicFolder;
import org.helu.runtime.tool.Programs;

/** Calls a vendor's compiler, and keeps what it makes. */
public final class BitstreamBuilder {
  static final String STAGE = "fpga/build";

  /** Synthesis of a large design takes a day; what takes longer has hung. */
  private static final long TIMEOUT_SECONDS = TimeUnit.DAYS.toSeconds(4);

  private static final long VERSION_SECONDS = 60;

  /** Where {@code aoc} leaves its reports: TornadoVM's script renames the folder so. */
  private static final String REPORTS = "intelFPGAFiles";

  private BitstreamBuilder() {}

  /**
   * One call of a compiler.
   *
   * @param compiler as it is called
   * @param folder absolute; takes everything that the compiler writes
   * @param entry the kernel's name
   */
  record Job(FpgaTarget target, String compiler, Path folder, String entry) {
    Board board() {
      return target.board();
    }

    boolean emulation() {
      return target.emulation();
    }

    Path source() {
      return folder.resolve(entry + ".cl");
    }

    Path output(String suffix) {
      return folder.resolve(entry + suffix);
    }
  }

  /**
   * Writes a kernel's source and the configuration that TornadoVM would compile it with, and
   * compiles nothing.
   *
   * @param folder a new one; an earlier one of the same kind is replaced
   */
  public static Bitstream writeSource(Path folder, FpgaTarget target, FpgaKernel kernel) {
    Path place = folder.toAbsolutePath().normalize();
    Bitstream written = new Bitstream(place, kernel.entry());
    if (Files.exists(place) && !Files.exists(written.source())) {
      throw HeluException.invalid(
          STAGE, "'" + folder + "' holds no source of a kernel", "name a new folder");
    }
    Path fresh = AtomicFolder.beside(place);
    try {
      Files.createDirectories(fresh);
      Files.writeString(new Bitstream(fresh, kernel.entry()).source(), kernel.source());
      Files.writeString(
          fresh.resolve(DeviceConfiguration.FILE),
          DeviceConfiguration.text(target.board(), target.board().compiler(), place));
      AtomicFolder.replace(fresh, place);
      return written;
    } catch (IOException e) {
      throw unwritable(folder, e);
    } finally {
      AtomicFolder.deleteQuietly(fresh);
    }
  }

  /**
   * Compiles a kernel, which takes hours for a board, and keeps the bitstream.
   *
   * @param compiler a file; null for the board's compiler, looked for on PATH
   * @throws HeluException if the compiler is missing or fails; nothing but its log is left then
   */
  public static Bitstream build(
      BitstreamStore store, FpgaTarget target, FpgaKernel kernel, String model, Path compiler) {
    String program = program(target.board(), compiler);
    Bitstream place = store.place(target, kernel);
    Path fresh = AtomicFolder.beside(place.folder());
    try {
      Files.createDirectories(fresh);
      Job job = new Job(target, program, fresh, kernel.entry());
      Files.writeString(job.source(), kernel.source());
      for (List<String> command : target.board().toolchain().commands(job)) {
        run(job, command, place.folder());
      }
      Bitstream built = new Bitstream(fresh, kernel.entry());
      finish(job, built);
      String hash = BitstreamStore.hash(kernel);
      built.describe(new Origin(model, target.id(), hash, program, version(program)));
      AtomicFolder.replace(fresh, place.folder());
      return place;
    } catch (IOException e) {
      throw unwritable(store.root(), e);
    } finally {
      AtomicFolder.deleteQuietly(fresh);
    }
  }

  /** The compiler as it is called. */
  static String program(Board board, Path compiler) {
    if (compiler != null) {
      Path file = compiler.toAbsolutePath();
      if (!Programs.isExecutable(file)) {
        throw missing("'" + compiler + "' is no program that can be run", board);
      }
      return file.toString();
    }
    Path found = Programs.find(board.compiler());
    if (found == null) {
      throw missing(board.compiler() + " is not on PATH", board);
    }
    return found.toString();
  }

  private static HeluException missing(String problem, Board board) {
    return HeluException.of(
        HeluException.Kind.DEVICE_UNAVAILABLE,
        STAGE,
        problem,
        "install the vendor's tools for "
            + board.id()
            + " and source their settings, or name the compiler with --compiler FILE");
  }

  private static void run(Job job, List<String> command, Path kept) {
    Path log = job.folder().resolve("compiler.log");
    Programs.Result result =
        Programs.run(STAGE, job.folder(), TIMEOUT_SECONDS, "look into " + log, command, log);
    if (result.code() != 0) {
      throw failed(job, "ended with code " + result.code() + ": " + result.error(), log, kept);
    }
  }

  private static HeluException failed(Job job, String problem, Path log, Path place) {
    Path kept = place.resolveSibling(place.getFileName() + ".log");
    String remedy = "";
    try {
      Files.move(log, kept, StandardCopyOption.REPLACE_EXISTING);
      remedy = "its output is in " + kept;
    } catch (IOException _) {
      // The compiler's error is what counts.
    }
    return HeluException.of(
        HeluException.Kind.DEVICE_UNAVAILABLE, STAGE, job.compiler() + " " + problem, remedy);
  }

  /** Puts the compiler's output under the name that TornadoVM looks for. */
  private static void finish(Job job, Bitstream built) throws IOException {
    Path output = job.output(job.board().toolchain().suffix());
    if (!Files.isRegularFile(output) || Files.size(output) == 0) {
      throw HeluException.of(
          HeluException.Kind.DEVICE_UNAVAILABLE,
          STAGE,
          job.compiler() + " ended well but wrote no " + output.getFileName(),
          "check that it is the compiler of " + job.board().id());
    }
    if (Files.isDirectory(built.binary())) {
      Files.move(built.binary(), built.folder().resolve(REPORTS));
    }
    Files.createSymbolicLink(built.binary(), output.getFileName());
  }

  /** The first line that names a version, of what the compiler says of itself. */
  static String version(String program) {
    try {
      Programs.Result result =
          Programs.run(STAGE, null, VERSION_SECONDS, "", List.of(program, "--version"));
      List<String> lines = result.output().lines().map(String::strip).toList();
      return lines.stream()
          .filter(line -> line.matches(".*\\d+\\.\\d+.*"))
          .findFirst()
          .orElse(lines.isEmpty() ? "unknown" : lines.getFirst());
    } catch (HeluException _) {
      return "unknown"; // told for the record only
    }
  }

  private static HeluException unwritable(Path folder, IOException e) {
    return HeluException.io(
        STAGE,
        "cannot write to '" + folder + "': " + AtomicFile.reason(e),
        "name a writable folder with room",
        e);
  }
}
