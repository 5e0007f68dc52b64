package org.helu.device.tornado.fpga;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.helu.runtime.tool.CacheFolder;

/**
 * Bitstreams by target and model: {@code ROOT/TARGET/HASH}. The hash is the SHA-256 of the OpenCL C
 * that a network becomes, weights included, so a bitstream is found again for exactly what it was
 * built of, whichever file the network came from; and no longer when helu generates other code.
 *
 * @param root absolute; need not be there yet
 */
public record BitstreamStore(Path root) {
  static final String KIND = "fpga";

  /** Where bitstreams are looked for when a network runs. */
  public static BitstreamStore ofDefault() {
    return new BitstreamStore(CacheFolder.of(KIND));
  }

  /** What identifies a network among bitstreams. */
  public static String hash(FpgaKernel kernel) {
    return Hashes.sha256(kernel.source().getBytes(StandardCharsets.UTF_8));
  }

  /** Where the bitstream of a kernel lies, if it is there. */
  public Bitstream place(FpgaTarget target, FpgaKernel kernel) {
    return new Bitstream(root.resolve(target.id()).resolve(hash(kernel)), kernel.entry());
  }

  /** A complete bitstream. */
  public Optional<Bitstream> find(FpgaTarget target, FpgaKernel kernel) {
    return Optional.of(place(target, kernel)).filter(Bitstream::isComplete);
  }

  /** Targets that a kernel has been built for. */
  public List<String> targets(FpgaKernel kernel) {
    List<String> found = new ArrayList<>();
    for (Board board : Board.values()) {
      for (boolean emulation : new boolean[] {false, true}) {
        FpgaTarget target = new FpgaTarget(board, emulation);
        if (find(target, kernel).isPresent() && !found.contains(target.id())) {
          found.add(target.id());
        }
      }
    }
    return found;
  }
}
