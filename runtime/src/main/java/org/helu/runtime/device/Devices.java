package org.helu.runtime.device;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;
import org.helu.runtime.HeluException;

/** Looks devices up by name. */
public final class Devices {
  /**
   * Names the classes of all providers, separated by commas, for whoever knows them: {@link
   * ServiceLoader} opens every jar of the class path to find them, which takes a good part of the
   * time to the first answer.
   */
  public static final String PROVIDERS_PROPERTY = "helu.device.providers";

  private Devices() {}

  /**
   * All providers on the class path (or those that {@link #PROVIDERS_PROPERTY} names), most
   * preferred first. Of several with one name the most preferred counts: the others stand in for it
   * where it is missing.
   */
  public static List<DeviceProvider> providers() {
    return preferred(found());
  }

  private static Iterable<DeviceProvider> found() {
    String named = System.getProperty(PROVIDERS_PROPERTY, "");
    return named.isEmpty()
        ? ServiceLoader.load(DeviceProvider.class)
        : Stream.of(named.split(",")).map(Devices::provider).toList();
  }

  private static List<DeviceProvider> preferred(Iterable<DeviceProvider> found) {
    List<DeviceProvider> providers = new ArrayList<>();
    found.forEach(providers::add);
    providers.sort(Devices::byPreference);
    Set<String> names = new HashSet<>();
    providers.removeIf(provider -> !names.add(provider.name()));
    return providers;
  }

  private static DeviceProvider provider(String className) {
    try {
      return (DeviceProvider) Class.forName(className).getConstructor().newInstance();
    } catch (ReflectiveOperationException | ClassCastException e) {
      throw HeluException.of(
          HeluException.Kind.DEVICE_UNAVAILABLE,
          "device",
          "-D" + PROVIDERS_PROPERTY + " names '" + className + "', which is no provider: " + e,
          "leave it out: providers are then looked for on the class path",
          e);
    }
  }

  private static int byPreference(DeviceProvider one, DeviceProvider other) {
    int order = Integer.compare(other.priority(), one.priority());
    return order != 0 ? order : one.name().compareTo(other.name());
  }

  /** Opens a device with default options, see {@link #open(String, DeviceOptions)}. */
  public static Device open(String name) {
    return open(name, DeviceOptions.DEFAULT);
  }

  /**
   * Opens a device.
   *
   * @param name a provider's name, {@code name:index} for one of its devices (which overrides the
   *     options' index), or {@code auto} for the most preferred one that is available
   * @throws HeluException if there is none of that name or it is unavailable
   */
  public static Device open(String name, DeviceOptions options) {
    return open(name, options, found());
  }

  static Device open(String name, DeviceOptions options, Iterable<DeviceProvider> found) {
    int colon = name.indexOf(':');
    if (colon >= 0) {
      int index = index(name, name.substring(colon + 1));
      return open(name.substring(0, colon), new DeviceOptions(options.threads(), index), found);
    }
    List<String> known = new ArrayList<>();
    for (DeviceProvider provider : preferred(found)) {
      known.add(provider.name());
      boolean auto = name.equals("auto");
      if (!auto && !provider.name().equals(name)) {
        continue;
      }
      if (!(provider.probe() instanceof Availability.Unavailable unavailable)) {
        requireIndex(provider, options.index());
        return provider.open(options);
      }
      if (!auto) {
        throw HeluException.of(
            HeluException.Kind.DEVICE_UNAVAILABLE,
            "device/" + name,
            unavailable.reason(),
            unavailable.remedy());
      }
    }
    throw HeluException.of(
        HeluException.Kind.DEVICE_UNAVAILABLE,
        "device",
        "no device '" + name + "', found " + (known.isEmpty() ? "none" : String.join(", ", known)),
        "name one of these, or add the device's jar to the class path");
  }

  private static void requireIndex(DeviceProvider provider, int index) {
    int count = provider.count();
    if (index >= count) {
      throw HeluException.of(
          HeluException.Kind.DEVICE_UNAVAILABLE,
          "device",
          "no device '" + provider.name() + ":" + index + "', there are " + count,
          "the first one is '" + provider.name() + ":0'");
    }
  }

  private static int index(String name, String text) {
    try {
      return Integer.parseUnsignedInt(text);
    } catch (NumberFormatException _) {
      throw HeluException.invalid(
          "device",
          "expected a number behind the colon of '" + name + "', found '" + text + "'",
          "write NAME:INDEX, such as opencl:0");
    }
  }
}
