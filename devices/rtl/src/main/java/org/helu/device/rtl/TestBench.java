package org.helu.device.rtl;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import org.helu.device.rtl.design.Cycles;
import org.helu.device.rtl.design.Design;
import org.helu.device.rtl.design.VerilogWriter;
import org.helu.runtime.graph.BinarizedGraph;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.reference.Interpreter;
import org.helu.runtime.tensor.Tensor;

/** A testbench whose vectors are real samples with the interpreter's answers. */
final class TestBench {
  private TestBench() {}

  /** Adds the testbench's files. */
  static void add(
      SequencedMap<String, String> files, BinarizedGraph graph, Design design, Tensor input) {
    Tensor codes = host(design.network().before(), input);
    Graph hardware = design.network().hardware(graph.graph());
    Tensor sums = new Interpreter(hardware).run(List.of(input)).getFirst();
    int samples = Math.toIntExact(codes.elements() / design.network().in().elements());
    byte[] in =
        StreamCodec.encode(
            codes, design.input().lanes(), design.input().bits(), design.inputBeatBytes());
    byte[] out =
        StreamCodec.encode(
            sums, design.output().lanes(), design.output().bits(), design.outputBeatBytes());
    files.put("helu_tb.v", VerilogWriter.resource("helu_tb.v"));
    long limit =
        100_000 + 64L * (samples + 8) * Cycles.interval(design.network(), design.folding());
    files.put(
        "helu_tb.vh",
        "localparam SAMPLES = "
            + samples
            + ";\nlocalparam LIMIT = "
            + Math.min(limit, Integer.MAX_VALUE)
            + ";  // clocks\n");
    files.put("tb_input.mem", beats(in, design.inputBeatBytes()));
    files.put("tb_expected.mem", beats(out, design.outputBeatBytes()));
  }

  private static Tensor host(Graph part, Tensor x) {
    return part.nodes().isEmpty() ? x : new Interpreter(part).run(List.of(x)).getFirst();
  }

  private static String beats(byte[] bytes, int beatBytes) {
    List<BigInteger> rows = new ArrayList<>(bytes.length / beatBytes);
    for (int first = 0; first < bytes.length; first += beatBytes) {
      byte[] big = new byte[beatBytes];
      for (int i = 0; i < beatBytes; i++) {
        big[beatBytes - 1 - i] = bytes[first + i];
      }
      rows.add(new BigInteger(1, big));
    }
    return VerilogWriter.hex(rows, 8 * beatBytes);
  }
}
