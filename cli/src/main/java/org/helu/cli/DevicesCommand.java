package org.helu.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.helu.runtime.device.Availability;
import org.helu.runtime.device.DeviceProvider;
import org.helu.runtime.device.Devices;
import picocli.CommandLine.Command;

@Command(name = "devices", description = "Lists the devices, most preferred first.")
final class DevicesCommand extends SubCommand {
  @Override
  public Integer call() {
    if (json) {
      ObjectNode result = Json.object();
      ArrayNode devices = result.putArray("devices");
      Devices.providers().forEach(provider -> devices.add(toJson(provider)));
      print(result);
      return ExitCode.OK;
    }
    TextTable table = new TextTable("device", "available", "description");
    for (DeviceProvider provider : Devices.providers()) {
      switch (provider.probe()) {
        case Availability.Available available ->
            table.row(provider.name(), "yes", available.description());
        case Availability.Unavailable missing ->
            table.row(provider.name(), "no", missing.reason() + "; " + missing.remedy());
      }
    }
    table.print(out());
    return ExitCode.OK;
  }

  static ObjectNode toJson(DeviceProvider provider) {
    ObjectNode json =
        Json.object().put("name", provider.name()).put("priority", provider.priority());
    return switch (provider.probe()) {
      case Availability.Available available ->
          json.put("available", true).put("description", available.description());
      case Availability.Unavailable missing ->
          json.put("available", false)
              .put("reason", missing.reason())
              .put("remedy", missing.remedy());
    };
  }
}
