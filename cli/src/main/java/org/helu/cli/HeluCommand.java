package org.helu.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command itself: it has no duty but to hold the subcommands. */
@Command(
    name = "helu",
    description = "Compiles networks trained with HeLU or ReLU, runs them and checks the answers.",
    versionProvider = Version.class,
    subcommands = {
      CompileCommand.class,
      ExportCommand.class,
      FpgaCommand.class,
      InspectCommand.class,
      RunCommand.class,
      VerifyCommand.class,
      SamplesCommand.class,
      BenchCommand.class,
      FetchCommand.class,
      DevicesCommand.class,
      DoctorCommand.class,
      CompletionCommand.class
    },
    footerHeading = "%nExit codes:%n",
    footer = {
      "  0   done, and every check passed",
      "  1   done, but a check failed",
      "  2   wrong command line",
      "  3   malformed input or unsupported model",
      "  4   device not available",
      "  5   reading or writing failed, or memory ran out",
      "  70  a bug in helu; run again with --debug"
    })
final class HeluCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this help")
  boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "show the version")
  boolean version;

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "name a command");
  }
}
