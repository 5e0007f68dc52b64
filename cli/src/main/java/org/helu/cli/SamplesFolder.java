package org.helu.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where the samples are: in the source tree that the launcher stands in. */
final class SamplesFolder {
  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description = "folder of the samples (default: samples/ beside the launcher)")
  Path folder;

  Path path() {
    return folder != null
        ? folder
        : Path.of(System.getProperty("helu.home", ".")).resolve("samples");
  }
}
