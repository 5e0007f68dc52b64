package org.helu.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all subcommands share: their common options, and where they print. */
abstract class SubCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Option(names = "--json", description = "print JSON, and nothing else, on standard output")
  boolean json;

  @Option(names = "--debug", description = "print a stack trace with an error")
  boolean debug;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this help")
  boolean help;

  /** Standard output: the result, nothing else. */
  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Standard error: progress, warnings, hints. */
  final PrintWriter err() {
    return spec.commandLine().getErr();
  }

  final void print(ObjectNode result) {
    out().println(Json.write(result));
  }
}
