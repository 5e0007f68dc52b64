package org.helu.device.tornado.fpga;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.AheadOfTimeCompiler;
import org.helu.runtime.graph.BinarizedGraph;

/** Builds bitstreams for the device {@code fpga}. Needs no TornadoVM runtime. */
public final class FpgaCompiler implements AheadOfTimeCompiler {
  /** Found by {@link java.util.ServiceLoader}. */
  public FpgaCompiler() {}

  @Override
  public String device() {
    return "fpga";
  }

  @Override
  public List<Target> targets() {
    return Arrays.stream(Board.values())
        .map(
            board ->
                new Target(
                    board.id(),
                    board.hardware(),
                    board.compiler(),
                    board.deviceName(),
                    modes(board).stream().map(FpgaMode::label).toList(),
                    board.maxBytes() == Long.MAX_VALUE
                        ? OptionalLong.empty()
                        : OptionalLong.of(board.maxBytes())))
        .toList();
  }

  private static List<FpgaMode> modes(Board board) {
    return board.isEmulator()
        ? List.of(FpgaMode.EMULATION)
        : List.of(FpgaMode.AHEAD_OF_TIME, FpgaMode.EMULATION);
  }

  private static FpgaTarget target(Request request) {
    Board board = Board.of(request.target());
    List<FpgaMode> modes = modes(board);
    FpgaMode mode =
        request.mode() == null ? modes.getFirst() : FpgaMode.of("--mode", request.mode());
    if (!modes.contains(mode)) {
      throw HeluException.invalid(
          "fpga/mode",
          "nothing is built for " + board.id() + " in mode " + mode.label(),
          mode == FpgaMode.FULL_JIT
              ? "run with HELU_JAVA_OPTS=-D" + FpgaMode.PROPERTY + "=" + mode.label()
              : "leave --mode out");
    }
    return new FpgaTarget(board, mode == FpgaMode.EMULATION);
  }

  @Override
  public Artifact build(BinarizedGraph graph, Request request) {
    FpgaTarget target = target(request);
    FpgaKernel kernel = FpgaKernel.of(graph);
    if (request.sourceOnly()) {
      Bitstream written = BitstreamBuilder.writeSource(request.folder(), target, kernel);
      return artifact(kernel, written, null, false);
    }
    BitstreamStore store =
        request.folder() == null
            ? BitstreamStore.ofDefault()
            : new BitstreamStore(request.folder().toAbsolutePath().normalize());
    Optional<Bitstream> found = store.find(target, kernel);
    if (found.isPresent()) {
      found.get().verify(BitstreamBuilder.STAGE);
    }
    Bitstream bitstream =
        found.orElseGet(
            () -> BitstreamBuilder.build(store, target, kernel, graph.name(), request.compiler()));
    return artifact(kernel, bitstream, bitstream.version(), found.isPresent());
  }

  private static Artifact artifact(
      FpgaKernel kernel, Bitstream place, String version, boolean found) {
    FpgaEstimate estimate = kernel.estimate();
    return new Artifact(
        place.folder(),
        place.source(),
        version == null ? null : place.binary(),
        BitstreamStore.hash(kernel),
        version,
        found,
        new Estimate(
            estimate.weightBits(),
            estimate.activationBits(),
            estimate.clocksPerSample(),
            estimate.isLowerBound()));
  }
}
