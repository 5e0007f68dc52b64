package org.helu.device.tornado.fpga;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.AtomicFile;

/**
 * A folder with the bitstream of one network for one target, as TornadoVM finds it: {@code
 * ENTRY.cl}, and the binary under the kernel's bare name. {@code bitstream.json} says where it
 * comes from, and that the folder is complete.
 *
 * @param folder absolute
 * @param entry the kernel's name
 */
public record Bitstream(Path folder, String entry) {
  private static final String DESCRIPTION = "bitstream.json";
  private static final String BINARY_HASH = "binarySha256";
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Where a bitstream comes from.
   *
   * @param model the network's name
   * @param target see {@link FpgaTarget#id}
   * @param hash of the source
   * @param compiler the vendor's compiler as it was called
   * @param version what it says of itself
   */
  record Origin(String model, String target, String hash, String compiler, String version) {}

  /** The kernel's source. */
  public Path source() {
    return folder.resolve(entry + ".cl");
  }

  /** What TornadoVM loads; it looks for exactly this name. */
  public Path binary() {
    return folder.resolve(entry);
  }

  /** The description of a complete bitstream. */
  public Path description() {
    return folder.resolve(DESCRIPTION);
  }

  boolean isComplete() {
    return Files.isRegularFile(description());
  }

  /** Makes the folder complete. */
  void describe(Origin origin) throws IOException {
    ObjectNode description = JSON.createObjectNode();
    description.put("model", origin.model()).put("target", origin.target());
    description.put("sourceSha256", origin.hash());
    description.put(BINARY_HASH, Hashes.sha256(Files.readAllBytes(binary())));
    description.put("compiler", origin.compiler()).put("version", origin.version());
    Files.writeString(
        description(), JSON.writerWithDefaultPrettyPrinter().writeValueAsString(description));
  }

  /** What the compiler that made it says of itself. */
  String version() {
    return read().path("version").asText("unknown");
  }

  /**
   * Reads the binary through before a driver gets it, which may not survive a damaged one.
   *
   * @throws HeluException if it is not what was built
   */
  public void verify(String stage) {
    String expected = read().path(BINARY_HASH).asText();
    try {
      String found = Hashes.sha256(Files.readAllBytes(binary()));
      if (!found.equals(expected)) {
        throw HeluException.invalid(
            stage,
            "'" + binary() + "' is damaged: expected SHA-256 " + expected + ", found " + found,
            "delete '" + folder + "' and build it again");
      }
    } catch (IOException e) {
      throw unreadable(stage, binary(), e);
    }
  }

  private JsonNode read() {
    try {
      return JSON.readTree(Files.readString(description()));
    } catch (JsonProcessingException e) {
      throw unreadable("fpga/cache", description(), new IOException("no JSON", e));
    } catch (IOException e) {
      throw unreadable("fpga/cache", description(), e);
    }
  }

  private HeluException unreadable(String stage, Path file, IOException e) {
    return HeluException.io(
        stage,
        "cannot read '" + file + "': " + AtomicFile.reason(e),
        "delete '" + folder + "' and build it again",
        e);
  }
}
