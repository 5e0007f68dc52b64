package org.helu.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.AheadOfTimeCompiler;
import org.helu.runtime.device.Availability;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.DeviceProvider;
import org.helu.runtime.device.Executable;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Node;

/** A board for which nothing was built, and a compiler that only says what it was asked for. */
final class FakeBoard {
  static final String NAME = "fake-board";

  /** Both show themselves to tests that set this. */
  static boolean present;

  private FakeBoard() {}

  /** Found by {@link java.util.ServiceLoader}. */
  public static final class Provider implements DeviceProvider {
    @Override
    public String name() {
      return NAME;
    }

    @Override
    public int priority() {
      return -1000;
    }

    @Override
    public boolean isAheadOfTime() {
      return true;
    }

    @Override
    public Availability probe() {
      return present
          ? new Availability.Available("a board")
          : new Availability.Unavailable("pulled out", "plug it in");
    }

    @Override
    public Device open(DeviceOptions options) {
      return new FakeDevice();
    }
  }

  private static final class FakeDevice implements Device {
    @Override
    public String name() {
      return NAME;
    }

    @Override
    public String description() {
      return "a board";
    }

    @Override
    public boolean supports(BinarizedGraph graph, Node node) {
      return true;
    }

    @Override
    public Executable compile(BinarizedGraph graph, CompileOptions options) {
      throw HeluException.of(
          HeluException.Kind.NOT_BUILT, "device/" + NAME, "nothing was built", "build it");
    }

    @Override
    public void close() {}
  }

  /** Found by {@link java.util.ServiceLoader}. */
  public static final class Compiler implements AheadOfTimeCompiler {
    @Override
    public String device() {
      return present ? "fpga" : NAME;
    }

    @Override
    public List<Target> targets() {
      return List.of(
          new Target("b1", "a chip", "cc1", "x1", List.of("m1", "m2"), OptionalLong.of(1 << 20)),
          new Target("b2", "another", "cc2", "x2", List.of("m1"), OptionalLong.empty()));
    }

    @Override
    public Artifact build(BinarizedGraph graph, Request request) {
      Path folder = request.folder() == null ? Path.of("usual") : request.folder();
      Estimate estimate = new Estimate(8_000, 4_000, 2_000, true);
      Path source = folder.resolve(request.target() + "-" + request.mode() + ".cl");
      return request.sourceOnly()
          ? new Artifact(folder, source, null, "cafe", null, false, estimate)
          : new Artifact(
              folder, source, folder.resolve(graph.name()), "cafe", "cc 1.0", true, estimate);
    }
  }
}
