package org.helu.device.tornado.fpga;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.helu.device.tornado.fpga.BitstreamBuilder.Job;

/**
 * How a vendor's compiler is called and what it writes. The commands are those that TornadoVM 5.2
 * composes itself when it compiles at run time, so a bitstream is the same either way.
 */
enum Toolchain {
  /** Intel FPGA SDK for OpenCL: {@code aoc}. */
  INTEL("intel", ".aocx", "CL_CONTEXT_EMULATOR_DEVICE_INTELFPGA", "1") {
    @Override
    List<List<String>> commands(Job job) {
      List<String> command = new ArrayList<>(List.of(job.compiler(), job.source().toString()));
      command.addAll(job.board().flags());
      command.add(job.emulation() ? "-march=emulator" : "-board=" + job.board().deviceName());
      command.addAll(List.of("-o", job.output("").toString()));
      return List.of(command);
    }
  },

  /** The emulator of Intel's oneAPI base toolkit: {@code aocl-ioc64}. */
  ONEAPI("intel", ".aocx", null, null) {
    @Override
    List<List<String>> commands(Job job) {
      return List.of(
          List.of(
              job.compiler(),
              "--input=" + job.source(),
              "--device=" + job.board().deviceName(),
              "--cmd=build",
              "--ir=" + job.output(suffix())));
    }
  },

  /** AMD/Xilinx SDAccel and Vitis: {@code xocc} and {@code v++}, which compile, then link. */
  XILINX("xilinx", ".xclbin", "XCL_EMULATION_MODE", "sw_emu") {
    @Override
    List<List<String>> commands(Job job) {
      String object = job.output(".xo").toString();
      List<String> common =
          List.of(
              job.compiler(),
              "-t",
              job.emulation() ? "sw_emu" : "hw",
              "--platform",
              job.board().deviceName(),
              "-g",
              "--report_dir",
              job.folder().resolve("reports").toString(),
              "--log_dir",
              job.folder().resolve("logs").toString());
      List<String> compile = new ArrayList<>(common);
      compile.addAll(List.of("-c", "-k", job.entry(), "-o", object, job.source().toString()));
      List<String> link = new ArrayList<>(common);
      link.add("-l");
      link.addAll(job.board().flags());
      link.addAll(List.of("-o", job.output(suffix()).toString(), object));
      return List.of(compile, link);
    }
  };

  private final String vendor;
  private final String suffix;
  private final String emulationVariable;
  private final String emulationValue;

  Toolchain(String vendor, String suffix, String emulationVariable, String emulationValue) {
    this.vendor = vendor;
    this.suffix = suffix;
    this.emulationVariable = emulationVariable;
    this.emulationValue = emulationValue;
  }

  /** What makes a bitstream of a job's source, one command behind the other. */
  abstract List<List<String>> commands(Job job);

  /** What the vendor's OpenCL platforms start with, in small letters; TornadoVM asks the same. */
  String vendor() {
    return vendor;
  }

  /** What the compiler's output is called behind the kernel's name. */
  String suffix() {
    return suffix;
  }

  /** What the compiler leaves, of a kernel called {@code entry}. */
  Path binary(Path folder, String entry) {
    return folder.resolve(entry + suffix);
  }

  /** Whether the environment asks the vendor's runtime, and TornadoVM, for the emulator. */
  boolean emulates() {
    return emulationVariable != null && emulationValue.equals(System.getenv(emulationVariable));
  }

  /** The setting of the environment that asks for the emulator; null where there is none. */
  String emulation() {
    return emulationVariable == null ? null : emulationVariable + "=" + emulationValue;
  }
}
