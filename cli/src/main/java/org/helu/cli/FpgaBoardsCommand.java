package org.helu.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.helu.runtime.device.AheadOfTimeCompiler;
import picocli.CommandLine.Command;

@Command(name = "boards", description = "Lists the boards that bitstreams are built for.")
final class FpgaBoardsCommand extends SubCommand {
  @Override
  public Integer call() {
    List<AheadOfTimeCompiler.Target> boards = FpgaCommand.compiler().targets();
    if (json) {
      ObjectNode result = Json.object();
      ArrayNode array = result.putArray("boards");
      boards.forEach(board -> array.add(toJson(board)));
      print(result);
      return ExitCode.OK;
    }
    TextTable table =
        new TextTable("board", "hardware", "compiler", "name there", "modes", "memory");
    for (AheadOfTimeCompiler.Target board : boards) {
      table.row(
          board.name(),
          board.hardware(),
          board.compiler(),
          board.compilerName(),
          String.join(", ", board.modes()),
          board.maxBytes().isPresent() ? "up to " + Units.bytes(board.maxBytes().getAsLong()) : "");
    }
    table.print(out());
    return ExitCode.OK;
  }

  private static ObjectNode toJson(AheadOfTimeCompiler.Target board) {
    ObjectNode json = Json.object();
    json.put("name", board.name()).put("hardware", board.hardware());
    json.put("compiler", board.compiler()).put("compilerName", board.compilerName());
    json.set("modes", Json.strings(board.modes()));
    board.maxBytes().ifPresent(bytes -> json.put("maxBytes", bytes));
    return json;
  }
}
