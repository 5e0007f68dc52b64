package org.helu.samples;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.AtomicFile;
import org.helu.runtime.data.Npy;
import org.helu.runtime.tensor.ElementType;
import org.helu.runtime.tensor.Shape;
import org.helu.runtime.tensor.Tensor;

/**
 * A trained network with what its training framework answered, as {@code reference.json} tells.
 *
 * @param folder holds the model, the references and {@code reference.json}
 * @param name the sample's name
 * @param description one line
 * @param dataset {@code mnist}, {@code fashion-mnist} or {@code cifar10}
 * @param classes class names
 * @param inputShape {@code [channels, height, width]}; elements are bytes divided by 255
 * @param testImages images of the whole test set
 * @param correct of these, how many the reference classifies as labelled
 * @param committedImages images of the committed test data
 * @param committedCorrect of these, how many the reference classifies as labelled
 * @param lowBit whether it was trained with low-bit weights or activations
 * @param files SHA-256 by path relative to {@code folder}
 */
public record Sample(
    Path folder,
    String name,
    String description,
    String dataset,
    List<String> classes,
    Shape inputShape,
    int testImages,
    int correct,
    int committedImages,
    int committedCorrect,
    boolean lowBit,
    Map<String, String> files) {

  static final String STAGE = "samples";
  private static final String REFERENCE = "reference.json";
  private static final long MAX_REFERENCE_BYTES = 1 << 20;

  public Sample {
    classes = List.copyOf(classes);
    files = Collections.unmodifiableMap(new LinkedHashMap<>(files));
  }

  /**
   * Reads every sample in {@code samplesFolder}: each subfolder with a {@code reference.json}.
   *
   * @return samples by name
   * @throws HeluException if there is none, or one cannot be read
   */
  public static List<Sample> list(Path samplesFolder) {
    List<Path> folders;
    try (Stream<Path> entries = Files.list(samplesFolder)) {
      folders = entries.filter(f -> Files.exists(f.resolve(REFERENCE))).sorted().toList();
    } catch (IOException e) {
      throw HeluException.io(
          STAGE,
          "cannot read '" + samplesFolder + "': " + AtomicFile.reason(e),
          "name the samples folder of a source tree",
          e);
    }
    if (folders.isEmpty()) {
      throw HeluException.invalid(
          STAGE,
          "no sample in '" + samplesFolder + "'",
          "name the samples folder of a source tree");
    }
    List<Sample> samples = new ArrayList<>();
    folders.forEach(folder -> samples.add(read(folder)));
    return samples;
  }

  /**
   * Reads {@code folder/reference.json}.
   *
   * @throws HeluException if it is missing, or a field is
   */
  public static Sample read(Path folder) {
    Path file = folder.resolve(REFERENCE);
    JsonNode json;
    try {
      if (Files.size(file) > MAX_REFERENCE_BYTES) {
        throw invalid(file, "has more than " + MAX_REFERENCE_BYTES + " bytes");
      }
      json = new ObjectMapper().readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw invalid(file, "is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw HeluException.io(
          STAGE, "cannot read '" + file + "': " + AtomicFile.reason(e), "check the path", e);
    }
    return new Reader(file, json).sample(folder);
  }

  /** The network. */
  public Path model() {
    return folder.resolve("model.onnx");
  }

  /** The folder that holds the test data of all samples. */
  public Path dataFolder() {
    return folder.toAbsolutePath().normalize().resolveSibling("data").resolve(dataset);
  }

  /**
   * Logits of the reference for the first test images: FLOAT32 {@code [images, classes]}.
   *
   * @throws HeluException if the file is damaged or of another shape
   */
  public Tensor referenceLogits() {
    Path file = folder.resolve("reference-logits.npy");
    Tensor logits = Npy.readFloat32(file);
    if (logits.shape().rank() != 2 || logits.shape().dim(1) != classes.size()) {
      throw invalid(
          file, "expected shape [images x " + classes.size() + "], found " + logits.shape());
    }
    return logits;
  }

  /**
   * The class that the reference gives to each image of the whole test set: UINT8 {@code
   * [testImages]}.
   *
   * @throws HeluException if the file is damaged or of another shape
   */
  public Tensor referencePredictions() {
    Path file = folder.resolve("reference-predictions.npy");
    Tensor predictions = Npy.read(file);
    if (predictions.type().elementType() != ElementType.UINT8
        || !predictions.shape().equals(Shape.of(testImages))) {
      throw invalid(file, "expected uint8[" + testImages + "], found " + predictions.type());
    }
    return predictions;
  }

  /**
   * Compares every file of the sample with the SHA-256 that {@code reference.json} gives.
   *
   * @throws HeluException naming the first file that is missing or differs
   */
  public void verifyFiles() {
    files.forEach(
        (relative, expected) -> {
          Path file = folder.toAbsolutePath().resolve(relative).normalize();
          String found = hash("SHA-256", file);
          if (!found.equals(expected)) {
            throw HeluException.invalid(
                STAGE,
                name + ": '" + file + "': expected SHA-256 " + expected + ", found " + found,
                "check the file out again");
          }
        });
  }

  /** Hash of a file's bytes in lower-case hex. */
  static String hash(String algorithm, Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = digest(algorithm);
      byte[] chunk = new byte[1 << 16];
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        digest.update(chunk, 0, read);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw HeluException.io(
          STAGE,
          "cannot read '" + file + "': " + AtomicFile.reason(e),
          "check the file out again",
          e);
    }
  }

  static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has " + algorithm, e);
    }
  }

  private static HeluException invalid(Path file, String problem) {
    return HeluException.invalid(
        STAGE, "'" + file + "' " + problem, "export the sample again (samples/training)");
  }

  /** Takes the fields out of a {@code reference.json}; others may stand beside them. */
  private record Reader(Path file, JsonNode json) {
    Sample sample(Path folder) {
      int format = integer("/format");
      if (format != 1) {
        throw invalid(file, "has format " + format + ", this build reads format 1");
      }
      Map<String, String> files = new LinkedHashMap<>();
      at("/files", JsonNode::isObject, "an object")
          .properties()
          .forEach(entry -> files.put(relative(folder, entry.getKey()), sha256(entry)));
      for (String needed :
          List.of("model.onnx", "reference-logits.npy", "reference-predictions.npy")) {
        if (!files.containsKey(needed)) {
          throw invalid(file, "gives no SHA-256 of " + needed);
        }
      }
      List<String> classes = new ArrayList<>();
      at("/classes", JsonNode::isArray, "an array").forEach(name -> classes.add(name.asText()));
      List<Integer> dims = new ArrayList<>();
      at("/input/shape", JsonNode::isArray, "an array").forEach(dim -> dims.add(dim.asInt(-1)));
      if (dims.size() != 3 || dims.stream().anyMatch(dim -> dim < 1) || classes.isEmpty()) {
        throw invalid(file, "expected input.shape [channels, height, width] and class names");
      }
      return new Sample(
          folder,
          text("/sample"),
          text("/description"),
          text("/dataset"),
          classes,
          Shape.of(dims),
          integer("/accuracy/testImages"),
          integer("/accuracy/correct"),
          integer("/accuracy/committedImages"),
          integer("/accuracy/committedCorrect"),
          json.findValue("weightBits") != null || json.findValue("activationBits") != null,
          files);
    }

    private String relative(Path folder, String path) {
      Path root = folder.toAbsolutePath().normalize().getParent();
      Path resolved = folder.toAbsolutePath().resolve(path).normalize();
      if (root == null || !resolved.startsWith(root)) {
        throw invalid(file, "names '" + path + "', which lies outside the samples folder");
      }
      return path;
    }

    private String sha256(Map.Entry<String, JsonNode> entry) {
      if (!entry.getValue().asText().matches("[0-9a-f]{64}")) {
        throw invalid(file, "gives no SHA-256 of '" + entry.getKey() + "'");
      }
      return entry.getValue().textValue();
    }

    private String text(String pointer) {
      return at(pointer, JsonNode::isTextual, "a string").textValue();
    }

    private int integer(String pointer) {
      int value =
          at(pointer, node -> node.isIntegralNumber() && node.canConvertToInt(), "an integer")
              .intValue();
      if (value < 0) {
        throw invalid(file, pointer.substring(1) + ": expected at least 0, found " + value);
      }
      return value;
    }

    private JsonNode at(
        String pointer, java.util.function.Predicate<JsonNode> type, String expected) {
      JsonNode node = json == null ? null : json.at(pointer);
      if (node == null || !type.test(node)) {
        throw invalid(file, pointer.substring(1).replace('/', '.') + ": expected " + expected);
      }
      return node;
    }
  }
}
