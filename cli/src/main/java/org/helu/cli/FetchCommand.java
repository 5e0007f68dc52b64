package org.helu.cli;

import java.nio.file.Path;
import org.helu.samples.Datasets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "fetch",
    description = "Downloads test data that is too large to be part of the sources.")
final class FetchCommand extends SubCommand {
  @Parameters(paramLabel = "DATASET", description = "cifar10: all 10,000 test images")
  String dataset;

  @Mixin SamplesFolder location;

  @Override
  public Integer call() {
    Path folder = location.path().resolve("data").resolve(dataset).resolve("full");
    Path file;
    try (Progress.Sequence progress = new Progress.Sequence()) {
      file = Datasets.fetch(dataset, folder, progress::step);
    }
    if (json) {
      print(Json.object().put("dataset", dataset).put("file", file.toString()));
    } else {
      out().println(file);
    }
    return ExitCode.OK;
  }
}
