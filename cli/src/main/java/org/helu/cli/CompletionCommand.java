package org.helu.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;

@Command(
    name = "completion",
    description = {
      "Prints a completion script for bash and zsh.",
      "To use it in this shell: source <(./helu completion)"
    })
final class CompletionCommand extends SubCommand {
  @Override
  public Integer call() {
    String script = AutoComplete.bash("helu", spec.root().commandLine());
    if (json) {
      print(Json.object().put("script", script));
    } else {
      out().print(script);
    }
    return ExitCode.OK;
  }
}
