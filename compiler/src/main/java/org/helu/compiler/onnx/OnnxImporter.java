package org.helu.compiler.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.helu.runtime.HeluException;

/**
 * Reads ONNX models: opsets 11 to 22, the ops that docs/onnx.md lists. The result holds float ops
 * as ONNX defines them; values keep their ONNX names, model-local functions are inlined, shape
 * computations are folded.
 *
 * <p>Any bytes may be given: what is not a well-formed, supported model ends in a {@link
 * HeluException} that names every offending node.
 */
public final class OnnxImporter {
  static final String STAGE = "import/onnx";

  private static final int MIN_OPSET = 11;
  private static final int MAX_OPSET = 22;

  /** Protocol buffers address no more, nor do Java's arrays. */
  private static final long MAX_FILE_BYTES = Integer.MAX_VALUE - 8;

  private OnnxImporter() {}

  /**
   * Reads a model file; external data may lie in the file's folder.
   *
   * @throws HeluException if the file cannot be read, is damaged, or holds what helu does not
   *     support
   */
  public static ImportedModel read(Path file) {
    byte[] bytes;
    try {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw invalid("'" + file + "' is not a regular file");
      }
      requireReadable(file);
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw HeluException.io(STAGE, "'" + file + "' does not exist", "check the path", e);
    } catch (IOException e) {
      throw HeluException.io(STAGE, "'" + file + "' cannot be read: " + e.getMessage(), "", e);
    }
    try {
      return read(bytes, file.toAbsolutePath().getParent());
    } catch (HeluException e) {
      throw e.at("'" + file.getFileName() + "'");
    }
  }

  /**
   * Reads a model from memory.
   *
   * @param bytes a serialized ONNX ModelProto
   * @param folder where external data may lie, or null where there is none
   * @throws HeluException if the bytes are damaged or hold what helu does not support
   */
  public static ImportedModel read(byte[] bytes, Path folder) {
    return new ModelImport(parse(bytes), folder).run(sha256(bytes));
  }

  private static void requireReadable(Path file) throws IOException {
    long size = Files.exists(file) ? Files.size(file) : 0;
    if (size > MAX_FILE_BYTES) {
      throw unsupported("'" + file + "' is larger than 2 GiB; export the weights as external data");
    }
    if (size > Runtime.getRuntime().maxMemory() / 2) {
      throw unsupported(
          "'" + file + "' has " + size + " bytes, too many for this Java heap; raise -Xmx");
    }
  }

  private static ModelProto parse(byte[] bytes) {
    ModelProto model;
    try {
      // Weights stay where they are until they are copied into tensors.
      CodedInputStream input = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
      input.enableAliasing(true);
      model = ModelProto.parseFrom(input);
    } catch (InvalidProtocolBufferException e) {
      throw HeluException.of(
          HeluException.Kind.INVALID_INPUT,
          STAGE,
          "not an ONNX model, or a damaged one: " + e.getMessage(),
          "check that the file was copied whole",
          e);
    } catch (IOException e) {
      throw HeluException.io(STAGE, "the model cannot be read: " + e.getMessage(), "", e);
    }
    if (!model.hasGraph() || model.getOpsetImportCount() == 0) {
      throw invalid("not an ONNX model: it has no graph or no operator set");
    }
    return model;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  /** Fails unless {@code version} of ONNX's own operator set is supported. */
  static void requireOpset(long version, String where) {
    if (version < MIN_OPSET || version > MAX_OPSET) {
      throw HeluException.unsupported(
          STAGE,
          where + " uses opset " + version + ", expected " + MIN_OPSET + " to " + MAX_OPSET,
          "export with another opset_version or convert with onnx.version_converter");
    }
  }

  static HeluException invalid(String problem) {
    return HeluException.invalid(STAGE, problem, "");
  }

  static HeluException unsupported(String problem) {
    return HeluException.unsupported(STAGE, problem, "");
  }

  static HeluException error(HeluException.Kind kind, String problem) {
    return HeluException.of(kind, STAGE, problem, "");
  }
}
