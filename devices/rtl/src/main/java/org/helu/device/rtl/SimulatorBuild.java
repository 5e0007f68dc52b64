package org.helu.device.rtl;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.helu.device.rtl.design.Design;
import org.helu.device.rtl.design.VerilogWriter;
import org.helu.runtime.HeluException;
import org.helu.runtime.tool.CacheFolder;

/**
 * Compiles a design with Verilator and a C++ compiler. Programs are kept in a cache folder by the
 * hash of everything they are made of: {@code helu.rtl.cache}, or {@code helu/rtl} in the user's
 * cache.
 */
final class SimulatorBuild {
  private static final String STAGE = "device/rtl";
  private static final long TIMEOUT_SECONDS = 1800;
  private static final List<String> CXX_FLAGS =
      List.of("-std=c++17", "-O1", "-faligned-new", "-fcf-protection=none");

  private SimulatorBuild() {}

  /** The folder that holds the design's program {@code simulator}; its sources lie beside. */
  static Path build(Design design) {
    Map<String, String> files = new LinkedHashMap<>(VerilogWriter.write(design));
    files.put("main.cpp", resource("main.cpp"));
    files.put("helu_sizes.h", sizes(design));
    Path cache = cache();
    String version = Tools.version("verilator", "--version");
    Path folder = cache.resolve(hash(files, version));
    if (Files.isExecutable(folder.resolve("simulator"))) {
      return folder;
    }
    try {
      Files.createDirectories(cache);
      Path runtime = runtime(cache, version);
      Path work = Files.createTempDirectory(cache, "build");
      try {
        for (Map.Entry<String, String> file : files.entrySet()) {
          Files.writeString(work.resolve(file.getKey()), file.getValue());
        }
        compile(work, runtime);
        move(work, folder);
      } finally {
        delete(work);
      }
    } catch (IOException e) {
      throw HeluException.io(
          STAGE, "cannot write to '" + cache + "': " + e, "set -Dhelu.rtl.cache=FOLDER", e);
    }
    return folder;
  }

  private static void compile(Path work, Path runtime) {
    List<String> verilate =
        new ArrayList<>(
            List.of(
                "verilator",
                "--cc",
                "--top-module",
                "helu_top",
                "--prefix",
                "Vhelu",
                "--Mdir",
                "obj",
                "-O3",
                "--x-assign",
                "fast",
                "--x-initial",
                "unique",
                "--noassert",
                "--output-split",
                "0",
                "-Wno-fatal",
                "-Wno-WIDTH",
                "--unroll-count",
                "4096"));
    verilate.addAll(VerilogWriter.SOURCES);
    Tools.require(STAGE, work, TIMEOUT_SECONDS, verilate);
    List<String> sources = new ArrayList<>();
    try (Stream<Path> generated = Files.list(work.resolve("obj"))) {
      generated
          .map(path -> "obj/" + path.getFileName())
          .filter(name -> name.endsWith(".cpp"))
          .sorted()
          .forEach(sources::add);
    } catch (IOException e) {
      throw HeluException.io(STAGE, "cannot list '" + work + "'", "", e);
    }
    // One file is compiled faster than a dozen that all include the same headers.
    StringBuilder all = new StringBuilder();
    sources.forEach(name -> all.append("#include \"").append(name).append("\"\n"));
    all.append("#include \"main.cpp\"\n");
    try {
      Files.writeString(work.resolve("all.cpp"), all);
    } catch (IOException e) {
      throw HeluException.io(STAGE, "cannot write to '" + work + "'", "", e);
    }
    List<String> command = new ArrayList<>(List.of("g++"));
    command.addAll(CXX_FLAGS);
    command.addAll(includes());
    command.addAll(List.of("-Iobj", "-I.", "all.cpp"));
    for (String object : List.of("verilated.o", "verilated_threads.o")) {
      if (Files.exists(runtime.resolve(object))) {
        command.add(runtime.resolve(object).toString());
      }
    }
    command.addAll(List.of("-pthread", "-o", "simulator"));
    Tools.require(STAGE, work, TIMEOUT_SECONDS, command);
  }

  /** Verilator's own C++ sources, compiled once a version. */
  private static Path runtime(Path cache, String version) throws IOException {
    Path folder = cache.resolve("runtime-" + hash(Map.of(), version + CXX_FLAGS));
    if (Files.exists(folder)) {
      return folder;
    }
    Path work = Files.createTempDirectory(cache, "build");
    try {
      for (String source : List.of("verilated", "verilated_threads")) {
        Path file = root().resolve("include/" + source + ".cpp");
        if (Files.exists(file)) {
          List<String> command = new ArrayList<>(List.of("g++"));
          command.addAll(CXX_FLAGS);
          command.addAll(includes());
          command.addAll(List.of("-c", file.toString(), "-o", source + ".o"));
          Tools.require(STAGE, work, TIMEOUT_SECONDS, command);
        }
      }
      move(work, folder);
    } finally {
      delete(work);
    }
    return folder;
  }

  private static List<String> includes() {
    Path include = root().resolve("include");
    return List.of("-I" + include, "-I" + include.resolve("vltstd"), "-DVM_TRACE=0");
  }

  private static Path root() {
    String root =
        Tools.require(STAGE, null, 60, List.of("verilator", "--getenv", "VERILATOR_ROOT")).strip();
    return Path.of(root);
  }

  static Path cache() {
    return CacheFolder.of("rtl");
  }

  private static String sizes(Design design) {
    return "#define HELU_IN_BYTES "
        + design.inputBeatBytes()
        + "\n"
        + "#define HELU_IN_BEATS "
        + design.inputBeats()
        + "\n"
        + "#define HELU_OUT_BYTES "
        + design.outputBeatBytes()
        + "\n"
        + "#define HELU_OUT_BEATS "
        + design.outputBeats()
        + "\n";
  }

  private static String hash(Map<String, String> files, String version) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((version + CXX_FLAGS).getBytes(StandardCharsets.UTF_8));
      files.forEach(
          (name, content) -> {
            digest.update((name + "\0" + content + "\0").getBytes(StandardCharsets.UTF_8));
          });
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String resource(String name) {
    try (InputStream in =
        SimulatorBuild.class.getResourceAsStream("/org/helu/device/rtl/simulator/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw HeluException.io(STAGE, "cannot read " + name, "", e);
    }
  }

  /** Another process may have built the same meanwhile: then its folder serves. */
  private static void move(Path work, Path folder) throws IOException {
    try {
      Files.move(work, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException | java.nio.file.DirectoryNotEmptyException e) {
      if (!Files.exists(folder)) {
        throw e;
      }
    } catch (IOException e) {
      if (!Files.exists(folder)) {
        throw e;
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> tree = Files.walk(folder)) {
        for (Path path : tree.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(path);
        }
      }
    }
  }
}
