package org.helu.device.tornado;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.helu.device.tornado.Lowering.Program;
import org.helu.device.tornado.TornadoDevices.Hardware;
import org.helu.device.tornado.fpga.Bitstream;
import org.helu.device.tornado.fpga.FpgaKernel;
import org.helu.device.tornado.fpga.FpgaSettings;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.AtomicFile;
import org.helu.runtime.data.AtomicFolder;
import org.helu.runtime.device.Availability;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Node;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/**
 * An FPGA behind the vendor's OpenCL. A network is one kernel and one bitstream; what TornadoVM
 * does with it is told by a configuration file, which it reads for every plan.
 */
final class FpgaDevice extends TornadoHeluDevice {
  private final FpgaSettings settings;

  FpgaDevice(Hardware hardware) {
    super(hardware);
    this.settings = settings(hardware.device());
  }

  static FpgaSettings settings(TornadoDevice device) {
    return FpgaSettings.of(TornadoVm.name(device), device.getPlatformName());
  }

  /** Why an FPGA cannot be used as it is. */
  static Optional<Availability.Unavailable> objection(TornadoDevice device) {
    return FpgaSettings.objection(TornadoVm.name(device), device.getPlatformName());
  }

  @Override
  public String description() {
    return super.description()
        + "; bitstreams for "
        + settings.target().id()
        + ", "
        + settings.mode().label();
  }

  @Override
  public boolean supports(BinarizedGraph graph, Node node) {
    return FpgaKernel.objection(graph, node).isEmpty();
  }

  @Override
  SharedPlan plan(BinarizedGraph graph, int maxBatch) {
    FpgaKernel kernel = FpgaKernel.of(graph);
    SharedPlan.requireMemory(graph, maxBatch, hardware, 0, FpgaLowering.bytes(kernel, maxBatch));
    Bitstream place = settings.store().place(settings.target(), kernel);
    try {
      if (settings.store().find(settings.target(), kernel).isPresent()) {
        place.verify(hardware.stage());
        return load(graph, maxBatch, kernel, place);
      }
      if (!settings.compiles()) {
        throw settings.missing(graph.name(), kernel);
      }
      settings.requireCompiler();
      return compile(graph, maxBatch, kernel, place);
    } catch (IOException e) {
      throw HeluException.io(
          hardware.stage(),
          "cannot write files for TornadoVM: " + AtomicFile.reason(e),
          "make room in the temporary folder and in '" + settings.store().root() + "'",
          e);
    }
  }

  /**
   * Loads a bitstream from a folder that links to it: TornadoVM writes the source beside what it
   * loads, and the bitstream's own folder may be shared, or on a medium that is only read.
   */
  private SharedPlan load(
      BinarizedGraph graph, int maxBatch, FpgaKernel kernel, Bitstream bitstream)
      throws IOException {
    Path folder = Files.createTempDirectory("helu-fpga");
    try {
      Bitstream link = new Bitstream(folder.toRealPath(), kernel.entry());
      Files.createSymbolicLink(link.binary(), bitstream.binary());
      return prepare(graph, maxBatch, kernel, link);
    } catch (HeluException e) {
      throw HeluException.of(
          HeluException.Kind.DEVICE_UNAVAILABLE,
          hardware.stage(),
          "the bitstream of '"
              + graph.name()
              + "' in '"
              + bitstream.folder()
              + "' does not run: "
              + e.getMessage(),
          "check the board's driver, or delete that folder and build it again",
          e);
    } finally {
      AtomicFolder.deleteQuietly(folder);
    }
  }

  /** Lets TornadoVM call the vendor's compiler, and keeps what it made. */
  private SharedPlan compile(BinarizedGraph graph, int maxBatch, FpgaKernel kernel, Bitstream place)
      throws IOException {
    Path folder = AtomicFolder.beside(place.folder());
    Bitstream fresh = new Bitstream(folder, kernel.entry());
    SharedPlan plan = null;
    try {
      Files.createDirectories(folder);
      plan = prepare(graph, maxBatch, kernel, fresh);
      settings.keep(fresh, place, graph.name(), kernel);
      return plan;
    } catch (HeluException e) {
      throw Files.exists(fresh.binary()) ? e : settings.failed(fresh, e);
    } catch (IOException e) {
      plan.release();
      throw e;
    } finally {
      AtomicFolder.deleteQuietly(folder);
    }
  }

  private SharedPlan prepare(
      BinarizedGraph graph, int maxBatch, FpgaKernel kernel, Bitstream bitstream)
      throws IOException {
    Files.writeString(bitstream.source(), kernel.source());
    FpgaConfiguration.use(settings, bitstream.folder());
    Program program = FpgaLowering.lower(graph, maxBatch, kernel, bitstream.source());
    try {
      DevicePlan plan = new DevicePlan(program, hardware, false);
      return new SharedPlan(graph, maxBatch, hardware, plan, false);
    } finally {
      FpgaConfiguration.useNone(settings);
    }
  }
}
