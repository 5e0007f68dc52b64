package org.helu.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import picocli.CommandLine.Command;

@Command(
    name = "doctor",
    description = "Looks at what helu needs here, and says what to do about what is missing.")
final class DoctorCommand extends SubCommand {
  @Override
  public Integer call() {
    List<Diagnosis.Finding> findings = Diagnosis.run();
    boolean healthy = findings.stream().noneMatch(f -> f.status() == Diagnosis.Status.FAIL);
    if (json) {
      ObjectNode result = Json.object().put("version", Version.text()).put("healthy", healthy);
      ArrayNode checks = result.putArray("checks");
      for (Diagnosis.Finding finding : findings) {
        checks
            .addObject()
            .put("name", finding.name())
            .put("status", finding.status().label())
            .put("detail", finding.detail())
            .put("remedy", finding.remedy());
      }
      print(result);
    } else {
      TextTable table = new TextTable("check", "status", "detail");
      for (Diagnosis.Finding finding : findings) {
        String remedy = finding.remedy().isEmpty() ? "" : "; " + finding.remedy();
        table.row(finding.name(), finding.status().label(), finding.detail() + remedy);
      }
      table.print(out());
    }
    return healthy ? ExitCode.OK : ExitCode.CHECK_FAILED;
  }
}
