package org.helu.samples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.AtomicFile;
import org.helu.runtime.device.Availability;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.DeviceProvider;
import org.helu.runtime.device.Devices;

/**
 * Takes samples the whole way, model.onnx to answers, on one device after the other, and compares
 * the answers with the training reference.
 */
public final class SampleRunner {
  private SampleRunner() {}

  /**
   * What a user can set.
   *
   * @param maxImages images per sample, the first ones of its data; 0 runs all
   * @param deviceOptions for every device
   * @param heluFolder where the .helu files are kept, or null for a temporary folder
   * @param floatTwin makes of a low-bit model the float model of the same shape, to be timed beside
   *     it, empty where nothing in it is quantized; or null for none
   */
  public record Options(
      int maxImages,
      DeviceOptions deviceOptions,
      Path heluFolder,
      Function<Path, Optional<byte[]>> floatTwin) {
    /** All images, default devices, no files kept. */
    public static final Options DEFAULT = new Options(0, DeviceOptions.DEFAULT, null);

    /** Without float twins. */
    public Options(int maxImages, DeviceOptions deviceOptions, Path heluFolder) {
      this(maxImages, deviceOptions, heluFolder, null);
    }

    public Options {
      if (maxImages < 0) {
        throw HeluException.invalid(
            Sample.STAGE, "the number of images must be at least 0, found " + maxImages, "0: all");
      }
    }
  }

  /**
   * Runs every sample on every device.
   *
   * <p>A row passes if logits keep to {@link SampleResult#logitTolerance}, every image that is no
   * tie gets the class which the reference gives, and the reference's accuracy is the one that
   * {@code reference.json} states. A float network in few bits ({@link Variant}) gives other logits
   * by design: it passes if it loses no more accuracy than its budget. A float twin has no answers
   * that mean anything: it passes if it runs. What goes wrong with one sample is its row's failure
   * and does not stop the others. On a device that needs what was built ahead of time, a network
   * that was not built, or cannot be, is skipped.
   *
   * @param devices names of providers; {@code auto} is the most preferred one that is available
   * @return one row per sample, variant and device, in this order
   * @throws HeluException if there is no device of such a name, or no folder for the files
   */
  public static List<SampleResult> run(
      List<Sample> samples, List<String> devices, Options options, Progress progress) {
    List<DeviceProvider> providers = devices.stream().map(SampleRunner::provider).toList();
    List<SampleResult> results = new ArrayList<>();
    Path temporary = null;
    try {
      Path folder = options.heluFolder();
      if (folder == null) {
        folder = temporary = Files.createTempDirectory("helu-samples");
      } else {
        Files.createDirectories(folder);
      }
      for (Sample sample : samples) {
        List<Variant> variants = new ArrayList<>(Variant.of(sample));
        if (sample.lowBit() && options.floatTwin() != null) {
          variants.addFirst(Variant.FLOAT_TWIN);
        }
        for (Variant variant : variants) {
          SampleRun run = new SampleRun(sample, variant, folder, options, progress);
          results.addAll(run.on(variant == Variant.FLOAT_TWIN ? timed(providers) : providers));
        }
      }
    } catch (IOException e) {
      throw HeluException.io(
          Sample.STAGE,
          "no folder for .helu files: " + AtomicFile.reason(e),
          "name a writable folder",
          e);
    } finally {
      deleteFolder(temporary);
    }
    return results;
  }

  /**
   * The devices whose time means anything, and which run floats: not those for checking, nor those
   * that would need a twin built ahead of time.
   */
  private static List<DeviceProvider> timed(List<DeviceProvider> providers) {
    return providers.stream()
        .filter(provider -> !provider.isForChecking() && !provider.isAheadOfTime())
        .toList();
  }

  private static DeviceProvider provider(String name) {
    List<String> known = new ArrayList<>();
    for (DeviceProvider provider : Devices.providers()) {
      known.add(provider.name());
      boolean auto = name.equals("auto") && provider.probe() instanceof Availability.Available;
      if (auto || provider.name().equals(name)) {
        return provider;
      }
    }
    throw HeluException.of(
        HeluException.Kind.DEVICE_UNAVAILABLE,
        Sample.STAGE,
        "no device '" + name + "', found " + String.join(", ", known),
        "name one of these, or add the device's jar to the class path");
  }

  private static void deleteFolder(Path folder) {
    if (folder == null) {
      return;
    }
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (IOException _) {
      // Left to whoever cleans the temporary folder; the results are complete.
    }
  }
}
