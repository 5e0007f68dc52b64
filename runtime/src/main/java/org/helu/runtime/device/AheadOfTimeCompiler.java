package org.helu.runtime.device;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.helu.runtime.graph.BinarizedGraph;

/**
 * Builds what a device loads into its hardware before it runs a network, where that takes too long
 * to be done when it runs. Found by {@link java.util.ServiceLoader}.
 */
public interface AheadOfTimeCompiler {
  /** The name of the device that loads what is built. */
  String device();

  /** All hardware that can be built for. */
  List<Target> targets();

  /**
   * Builds for a network, and keeps what it builds where the device finds it again.
   *
   * @throws org.helu.runtime.HeluException if the network has ops that the hardware does not run,
   *     the target is unknown, its tools are missing or fail; nothing half-built is left
   */
  Artifact build(BinarizedGraph graph, Request request);

  /**
   * Hardware.
   *
   * @param name users select it by
   * @param hardware chip and card
   * @param compiler the vendor's program that builds for it
   * @param compilerName what that program calls it
   * @param modes that it can be built in, see {@link Request}
   * @param maxBytes device memory that a network may take, empty where no limit is known
   */
  record Target(
      String name,
      String hardware,
      String compiler,
      String compilerName,
      List<String> modes,
      OptionalLong maxBytes) {
    public Target {
      modes = List.copyOf(modes);
    }
  }

  /**
   * What to build.
   *
   * @param target a target's name
   * @param mode one of its modes; null for the first
   * @param compiler the vendor's program; null to look for it
   * @param sourceOnly writes what the vendor's program would get, and does not call it
   * @param folder with {@code sourceOnly} the folder to write; else where what is built is kept,
   *     null for the device's usual place
   */
  record Request(String target, String mode, Path compiler, boolean sourceOnly, Path folder) {}

  /**
   * What was built, or found to be there already.
   *
   * @param folder what it is kept in
   * @param source the program's text
   * @param binary what the device loads; null where only the source was written
   * @param hash SHA-256 of the source, by which it is found again
   * @param version what the vendor's program says of itself; null where only the source was written
   * @param found whether it was there already
   * @param estimate what it takes of the hardware
   */
  record Artifact(
      Path folder,
      Path source,
      Path binary,
      String hash,
      String version,
      boolean found,
      Estimate estimate) {}

  /**
   * What a network takes of the hardware, computed before synthesis.
   *
   * @param weightBits read-only memory on chip
   * @param activationBits memory on chip
   * @param clocksPerSample clocks
   * @param lowerBound whether the clocks are a lower bound
   */
  record Estimate(long weightBits, long activationBits, long clocksPerSample, boolean lowerBound) {}
}
