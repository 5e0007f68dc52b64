package org.helu.cli;

import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.Devices;
import picocli.CommandLine.Option;

/** The options of commands that run a network on one device. */
final class DeviceChoice {
  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "device, see `helu devices`; auto looks for a GPU too (default: vector)")
  String name;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "threads; 0 lets the device choose (default: 0)")
  int threads;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "16",
      description = "samples computed at once; any number can be given (default: 16)")
  int batch;

  Device open() {
    return Devices.open(name, new DeviceOptions(threads));
  }

  CompileOptions compileOptions() {
    return new CompileOptions(batch);
  }
}
