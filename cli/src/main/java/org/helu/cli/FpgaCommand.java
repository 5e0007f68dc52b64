package org.helu.cli;

import java.util.List;
import java.util.ServiceLoader;
import org.helu.runtime.HeluException;
import org.helu.runtime.device.AheadOfTimeCompiler;
import org.helu.runtime.device.Availability;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

@Command(
    name = "fpga",
    description = "Builds bitstreams for FPGA boards, which the device fpga loads.",
    subcommands = {FpgaBuildCommand.class, FpgaBoardsCommand.class})
final class FpgaCommand extends SubCommand {
  private static final String DEVICE = "fpga";

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "name build or boards");
  }

  /** What builds, which comes with TornadoVM's devices. */
  static AheadOfTimeCompiler compiler() {
    List<AheadOfTimeCompiler> found =
        ServiceLoader.load(AheadOfTimeCompiler.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(compiler -> compiler.device().equals(DEVICE))
            .toList();
    if (found.isEmpty()) {
      Availability.Unavailable why = new AbsentTornado.Fpga().probe();
      throw HeluException.of(
          HeluException.Kind.DEVICE_UNAVAILABLE, DEVICE, why.reason(), why.remedy());
    }
    return found.getFirst();
  }
}
