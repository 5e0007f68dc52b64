package org.helu.device.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.helu.device.tornado.kernel.MatrixKernels;
import org.helu.runtime.device.DeviceProvider;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * PTX and CUDA C of every kernel without a GPU: a stand-in for NVIDIA's driver lets TornadoVM find
 * a device; {@code ptxas} must accept the PTX, NVRTC the CUDA C, and no launch may be one that a
 * driver refuses. Nothing is computed. Needs an SDK with the backend, {@code cc}, and ptxas or
 * NVRTC; skipped with the reason where one is missing, which {@code -Dhelu.requireCode=ptx,cuda}
 * turns into a failure.
 */
class GeneratedCodeTest {
  private static final Path STAND_IN = Path.of("src/test/c/cuda_standin.c");

  private static final Map<String, String> PRINTED =
      Map.of("JDK_JAVA_OPTIONS", "-Dtornado.printKernel=True");

  @TempDir Path folder;

  @Test
  void ptxIsAcceptedByTheAssembler() throws Exception {
    String ptxas = tool("ptx", "ptxas");
    List<Path> modules = generate("ptx", PRINTED);
    List<String> refused = new ArrayList<>();
    for (Path module : modules) {
      List<String> command =
          List.of(
              ptxas, "-arch=sm_87", "-o", folder.resolve("cubin").toString(), module.toString());
      Child child = Child.start(Map.of(), command);
      try {
        child.await();
      } catch (AssertionError e) {
        refused.add(module.getFileName() + ": " + e.getMessage());
      }
    }
    assertEquals(List.of(), refused);
  }

  @Test
  void cudaIsAcceptedByNvrtc() throws Exception {
    // TornadoVM compiles by NVRTC itself and hands over what came of it.
    generate("cuda", PRINTED);
  }

  @Test
  void cudaGraphsAreCapturedOnceAndReplayed() throws Exception {
    generate("cuda", Map.of("JDK_JAVA_OPTIONS", "-Dhelu.tornado.cudaGraph=true"), "networks");
    List<String> launches = Files.readAllLines(folder.resolve("launches.txt"));
    // Four networks, five warm-up runs and two more of each.
    assertEquals(4, launches.stream().filter("graph captured"::equals).count());
    assertEquals(4 * 7, launches.stream().filter("graph launched"::equals).count());
    // What is preferred for such a device multiplies bytes by dp4a.
    assertTrue(launches.stream().anyMatch(line -> line.contains("heluCodesDp4aTiled")), "no dp4a");
  }

  /** Runs {@link GeneratedCode} on the stand-in; the modules that it was given. */
  private List<Path> generate(String backend, Map<String, String> more, String... part)
      throws Exception {
    String sdk = System.getenv("TORNADOVM_HOME");
    if (sdk == null || !TornadoArgfile.backends(Path.of(sdk)).contains(backend)) {
      skip(backend, "the TornadoVM SDK was built without the " + backend + " backend");
    }
    String cc = tool(backend, "cc");
    for (String library : List.of("libcuda.so.1", "libnvidia-ml.so.1")) {
      String file = folder.resolve(library).toString();
      List<String> command =
          List.of(
              cc, "-shared", "-fPIC", "-Wl,-soname," + library, "-o", file, STAND_IN.toString());
      Child.start(Map.of(), command).await();
    }
    String libraries = System.getenv("LD_LIBRARY_PATH");
    Map<String, String> environment = new HashMap<>(more);
    environment.put("LD_LIBRARY_PATH", folder + (libraries == null ? "" : ":" + libraries));
    environment.put("HELU_STANDIN_DIR", folder.toString());
    Path argfile = folder.resolve("argfile");
    List<String> quiet = List.of("--enable-native-access=ALL-UNNAMED");
    Child.start(environment, Child.java(quiet, TornadoArgfile.class, sdk, argfile.toString()))
        .await();
    String flags = Files.readString(argfile);
    if (flags.contains(ArgfileText.MISSING + backend)) {
      skip(backend, flags.substring(flags.indexOf(ArgfileText.MISSING + backend)).strip());
    }
    List<String> jvm = List.of("@" + argfile, "-Djava.awt.headless=true");
    String[] arguments = Stream.concat(Stream.of(backend), Stream.of(part)).toArray(String[]::new);
    String output =
        Child.start(environment, Child.java(jvm, GeneratedCode.class, arguments)).await();
    assertEquals(List.of(), output.lines().filter(line -> line.startsWith("FAILED")).toList());
    Matcher preferred = Pattern.compile("AUTO (?:cuda|ptx) (\\d+)").matcher(output);
    assertTrue(preferred.find(), output);
    assertTrue(Integer.parseInt(preferred.group(1)) > DeviceProvider.VECTOR_PRIORITY, output);
    if (part.length == 0) {
      assertEquals(kernels(), kernels(output), output);
      // The intrinsic's Java twin would be right too, but slow.
      assertTrue(output.contains("dp4a.s32.s32"), output);
    }
    return modules();
  }

  private List<Path> modules() throws IOException {
    assertTrue(
        Files.readAllLines(folder.resolve("launches.txt")).stream()
            .noneMatch(line -> line.startsWith("REFUSED")),
        "a launch that a driver refuses");
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> modules =
          files.filter(file -> file.getFileName().toString().startsWith("module-")).toList();
      assertTrue(modules.size() > 0, "no code was handed to the driver");
      return modules;
    }
  }

  private static Set<String> kernels(String output) {
    String line = output.lines().filter(l -> l.startsWith("KERNELS ")).findFirst().orElseThrow();
    return new TreeSet<>(Arrays.asList(line.substring("KERNELS ".length()).split(" ")));
  }

  /** The names of all kernels there are. */
  private static Set<String> kernels() throws IOException {
    Set<String> names = new TreeSet<>();
    String code = MatrixKernels.class.getPackageName();
    Path classes =
        Path.of(
            MatrixKernels.class.getProtectionDomain().getCodeSource().getLocation().getPath(),
            code.replace('.', '/'));
    try (Stream<Path> files = Files.list(classes)) {
      for (Path file : files.filter(path -> path.toString().endsWith("Kernels.class")).toList()) {
        String name = file.getFileName().toString().replace(".class", "");
        for (Method method : Class.forName(code + "." + name).getDeclaredMethods()) {
          if (method.getName().startsWith("helu")) {
            names.add(method.getName());
          }
        }
      }
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
    return names;
  }

  private static String tool(String backend, String name) {
    List<String> places = new ArrayList<>(List.of(System.getenv("PATH").split(File.pathSeparator)));
    places.add("/usr/local/cuda/bin");
    for (String place : places) {
      Path tool = Path.of(place, name);
      if (Files.isExecutable(tool)) {
        return tool.toString();
      }
    }
    return skip(backend, "there is no " + name + " on the PATH");
  }

  private static String skip(String backend, String reason) {
    String message = "code for '" + backend + "' is not checked: " + reason;
    if (Arrays.asList(System.getProperty("helu.requireCode", "").split(",")).contains(backend)) {
      fail(message);
    }
    System.out.println(message);
    Assumptions.abort(message);
    return message;
  }
}
