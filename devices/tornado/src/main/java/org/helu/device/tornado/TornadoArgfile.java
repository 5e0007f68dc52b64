package org.helu.device.tornado;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes the argument file ({@code java @FILE ...}) that a JVM with TornadoVM is started with.
 *
 * <p>The SDK's own generator knows its modules and exports; this runs it and mends three things:
 * the SDK's place is written out; the working directory is taken off the module path, where any
 * class or jar in it would break the start; and backends whose native library does not load (a
 * machine without NVIDIA's driver, say) are left out, since one of them keeps all of TornadoVM from
 * starting. Needs {@code python3}. Uses no class of TornadoVM.
 */
public final class TornadoArgfile {
  private static final String GENERATOR = "bin/gen-tornado-argfile-template.py";
  private static final List<String> BACKENDS = List.of("opencl", "ptx", "cuda");

  private TornadoArgfile() {}

  /** {@code TornadoArgfile SDK FILE} writes FILE; exits 1 with one line where that fails. */
  public static void main(String[] arguments) {
    if (arguments.length != 2) {
      System.err.println("usage: TornadoArgfile SDK FILE");
      System.exit(2);
    }
    try {
      write(Path.of(arguments[0]), Path.of(arguments[1]));
    } catch (IOException e) {
      System.err.println("tornado/argfile: " + e.getMessage());
      System.exit(1);
    }
  }

  /** Backends that the SDK was built with: those whose driver it holds. */
  public static List<String> backends(Path sdk) throws IOException {
    List<String> found = new ArrayList<>();
    for (String backend : BACKENDS) {
      String driver = "tornado-drivers-" + backend + "-[0-9]*.jar";
      try (DirectoryStream<Path> jars =
          Files.newDirectoryStream(sdk.resolve("share/java/tornado"), driver)) {
        if (jars.iterator().hasNext()) {
          found.add(backend);
        }
      }
    }
    return found;
  }

  /**
   * Writes the argument file of {@code sdk} for this JVM's JDK.
   *
   * @throws IOException in one line, if the SDK is not one or its generator fails
   */
  public static void write(Path sdk, Path file) throws IOException {
    if (!Files.isRegularFile(sdk.resolve(GENERATOR))) {
      throw new IOException(sdk + " is no TornadoVM SDK: it has no " + GENERATOR);
    }
    List<String> backends = backends(sdk);
    if (backends.isEmpty()) {
      throw new IOException(sdk + " holds none of the drivers " + String.join(", ", BACKENDS));
    }
    Map<String, String> missing = missing(sdk, backends);
    if (missing.size() == backends.size()) {
      throw new IOException(
          "no backend of " + sdk + " loads: " + String.join("; ", missing.values()));
    }
    Path folder = Files.createTempDirectory("helu-tornado");
    try {
      generate(sdk, backends, folder);
      String text = Files.readString(folder.resolve("tornado-argfile.template"));
      Path absolute = file.toAbsolutePath();
      Files.createDirectories(absolute.getParent());
      String mended = mended(text, sdk.toRealPath().toString());
      if (!missing.isEmpty()) {
        mended = ArgfileText.without(mended, sdk.toRealPath(), missing);
      }
      Files.writeString(absolute, mended);
    } finally {
      deleteTree(folder);
    }
  }

  /** Why the native library of a backend does not load, for those where it does not. */
  // Loading a library is what tells whether it loads; this JVM does nothing else.
  @SuppressWarnings("restricted")
  private static Map<String, String> missing(Path sdk, List<String> backends) throws IOException {
    Map<String, String> missing = new TreeMap<>();
    for (String backend : backends) {
      Path library = sdk.toRealPath().resolve("lib/" + System.mapLibraryName("tornado-" + backend));
      try {
        System.load(library.toString());
      } catch (UnsatisfiedLinkError e) {
        missing.put(backend, e.getMessage().replace(library + ": ", ""));
      }
    }
    return missing;
  }

  /** The generator's text with the SDK's place written out and the working directory dropped. */
  static String mended(String template, String sdk) {
    String separator = System.getProperty("path.separator");
    return template
        .replace("--module-path ." + separator, "--module-path ")
        .replace("${TORNADOVM_HOME}", sdk);
  }

  private static void generate(Path sdk, List<String> backends, Path folder) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            "python3",
            sdk.resolve(GENERATOR).toString(),
            String.join(",", backends),
            folder.toString());
    String jdk = System.getProperty("java.home");
    builder.environment().put("TORNADOVM_HOME", sdk.toRealPath().toString());
    builder.environment().put("JAVA_HOME", jdk);
    // The generator asks `java` which JDK it is.
    builder.environment().merge("PATH", jdk + "/bin", (path, bin) -> bin + ":" + path);
    builder.redirectErrorStream(true);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes());
    try {
      if (process.waitFor() != 0) {
        throw new IOException(GENERATOR + " failed: " + output.strip().replace('\n', ' '));
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static void deleteTree(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
