package org.helu.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The {@code helu} command. */
public final class Main {
  private Main() {}

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] args) {
    OutputWatch stdout = new OutputWatch(new FileOutputStream(FileDescriptor.out));
    // A window would need a display; drawing and reading images does not.
    System.setProperty("java.awt.headless", "true");
    PrintWriter out =
        new PrintWriter(new OutputStreamWriter(stdout, charset("stdout.encoding")), false);
    PrintWriter err =
        new PrintWriter(
            new OutputStreamWriter(
                new FileOutputStream(FileDescriptor.err), charset("stderr.encoding")),
            true);
    int exitCode = run(out, err, args);
    out.flush();
    IOException lost = stdout.failure();
    if (lost != null && exitCode == ExitCode.OK) {
      err.println("helu: cannot write to standard output: " + lost.getMessage());
      exitCode = ExitCode.IO;
    }
    System.exit(exitCode);
  }

  /** Runs the command in this process; returns its exit code. */
  static int run(PrintWriter out, PrintWriter err, String... args) {
    int exitCode = commandLine(out, err).execute(args);
    out.flush();
    err.flush();
    return exitCode;
  }

  /** The parser, which reports every failure in one line. */
  static CommandLine commandLine(PrintWriter out, PrintWriter err) {
    return new CommandLine(new HeluCommand())
        .setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpLongOptionsMaxWidth(32)
        .setUsageHelpWidth(100)
        .setParameterExceptionHandler(Main::reportUsage)
        .setExecutionExceptionHandler(
            (exception, command, parsed) ->
                report(Failure.of(exception), exception, command, parsed.originalArgs()))
        .setExecutionStrategy(Main::executeSafely);
  }

  private static int executeSafely(CommandLine.ParseResult parsed) {
    try {
      return new CommandLine.RunLast().execute(parsed);
    } catch (OutOfMemoryError | StackOverflowError | LinkageError | AssertionError e) {
      // picocli hands exceptions to its handler, but not errors.
      CommandLine command = parsed.asCommandLineList().getLast();
      return report(Failure.of(e), e, command, parsed.originalArgs());
    }
  }

  private static int reportUsage(ParameterException exception, String[] args) {
    CommandLine command = exception.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    Failure failure =
        Failure.usage(exception.getMessage() + "; `" + name + " --help` shows the usage");
    return report(failure, exception, command, Arrays.asList(args));
  }

  private static int report(
      Failure failure, Throwable cause, CommandLine command, List<String> args) {
    PrintWriter err = command.getErr();
    if (args.contains("--debug")) {
      cause.printStackTrace(err);
    }
    err.println("helu: " + failure.message());
    if (args.contains("--json")) {
      command.getOut().println(Json.write(failure.toJson()));
    }
    return failure.exitCode();
  }

  private static Charset charset(String property) {
    return Charset.forName(System.getProperty(property, "UTF-8"), Charset.defaultCharset());
  }
}
