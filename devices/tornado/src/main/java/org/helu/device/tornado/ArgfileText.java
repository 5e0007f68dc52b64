package org.helu.device.tornado;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Takes backends out of an argument file of TornadoVM. */
final class ArgfileText {
  /** Tells the JVM why a backend was left out. */
  static final String MISSING = "helu.tornado.missing.";

  /** TornadoVM's modules for NVIDIA's libraries, which need the CUDA backend; helu uses none. */
  private static final List<String> CUDA_LIBRARIES =
      List.of("cublas", "cufft", "cudnn", "cusparse", "cutlass");

  private ArgfileText() {}

  /**
   * The text without some backends: their jars leave the module path, which names each of the
   * others (a module that provides TornadoVM's driver service is started wherever it is found), and
   * their modules all other lines.
   *
   * @param missing backends, and why
   */
  static String without(String text, Path sdk, Map<String, String> missing) throws IOException {
    List<String> modules = new ArrayList<>();
    for (String backend : missing.keySet()) {
      modules.add("tornado.drivers." + backend);
      if (backend.equals("cuda")) {
        CUDA_LIBRARIES.forEach(library -> modules.add("tornado." + library));
      }
    }
    Path folder = sdk.resolve("share/java/tornado");
    StringBuilder mended = new StringBuilder();
    for (String line : text.split("\n")) {
      String kept =
          line.equals("--module-path " + folder)
              ? "--module-path " + modulePath(folder, modules)
              : withoutModules(line, modules);
      if (!kept.isEmpty() || line.isEmpty()) {
        mended.append(kept).append('\n');
      }
    }
    missing.forEach(
        (backend, reason) ->
            mended.append(
                String.format(
                    "\"-D%s%s=%s\"%n",
                    MISSING, backend, reason.replace("\\", "\\\\").replace("\"", "'"))));
    return mended.toString();
  }

  private static String modulePath(Path folder, List<String> modules) throws IOException {
    TreeSet<String> jars = new TreeSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jar")) {
      for (Path jar : files) {
        // tornado-drivers-cuda-5.2.0-jdk25.jar, tornado-drivers-cuda-jni-5.2.0-jdk25-libs.jar
        String name = jar.getFileName().toString().replace('-', '.');
        if (modules.stream().noneMatch(module -> isOf(name, module))) {
          jars.add(jar.toString());
        }
      }
    }
    return String.join(File.pathSeparator, jars);
  }

  private static boolean isOf(String jar, String module) {
    // The JNI jars of libraries are called after the drivers.
    String jni = module.replace("tornado.", "tornado.drivers.") + ".jni.";
    return jar.startsWith(module + ".") || jar.startsWith(jni);
  }

  /** A line of an argument file without some of the modules that it lists; empty for none left. */
  private static String withoutModules(String line, List<String> modules) {
    boolean lists =
        line.startsWith("--add-modules ")
            || line.startsWith("--enable-native-access=")
            || line.startsWith("--add-exports")
            || line.startsWith("--add-opens")
            || line.startsWith("--add-reads");
    if (!lists) {
      return line;
    }
    int start = Math.max(line.lastIndexOf('='), line.lastIndexOf(' ')) + 1;
    String option = line.substring(0, start);
    String kept =
        Arrays.stream(line.substring(start).split(","))
            .filter(module -> !modules.contains(module))
            .collect(Collectors.joining(","));
    boolean reads = modules.stream().anyMatch(module -> option.contains(module + "="));
    return kept.isEmpty() || reads ? "" : option + kept;
  }
}
