package org.helu.device.rtl.design;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.helu.runtime.HeluException;
import org.helu.runtime.op.Window;

/** Makes units of layers. */
public final class DesignBuilder {
  /** Memories of more bits than this are beyond every part that helu knows. */
  private static final long MAX_ROM_BITS = 1L << 28;

  /**
   * Clocks from taking a credit until it can be taken again, beside the pipeline's own: the
   * register in front, the memory and the one behind it, that of the returned credit, and the
   * count.
   */
  private static final int ROUND_TRIP = 5;

  /** More adders than every part that helu knows has room for. */
  private static final long MAX_WIRED_WEIGHTS = 1L << 18;

  private final Network network;
  private final Folding folding;
  private final List<Unit> units = new ArrayList<>();

  /** Streams of a layer that wait for their readers, the residual ones behind the others. */
  private final Map<Integer, Deque<Wire>> branches = new HashMap<>();

  /** Of a layer whose weights are wires, the pipeline that it is part of. */
  private final Map<Integer, Pipeline> pipelines = new HashMap<>();

  private int layer = Layer.NETWORK_INPUT;
  private String prefix = "in";

  private DesignBuilder(Network network, Folding folding) {
    this.network = network;
    this.folding = folding;
  }

  /**
   * The design of a network.
   *
   * @throws HeluException if the folding does not divide, or a layer has no hardware
   */
  public static Design build(Network network, Folding folding) {
    folding.check(network);
    return new DesignBuilder(network, folding).run();
  }

  private Design run() {
    Wire input = new Wire("s_in", folding.folds().getFirst().simd(), network.in().bits());
    if (network.layers().getFirst() instanceof Layer.Scale) {
      input = new Wire("s_in", folding.folds().getFirst().pe(), network.in().bits());
    }
    branch(input);
    Wire last = null;
    for (Layer next : network.layers()) {
      layer++;
      prefix = "l" + layer;
      last =
          switch (next) {
            case Layer.Matrix matrix -> matrix(matrix);
            case Layer.Pool pool -> pool(pool);
            case Layer.Scale scale -> scale(scale);
          };
      branch(last);
    }
    return new Design(network, folding, units, input, last);
  }

  /** Copies a layer's stream for all of its readers. */
  private void branch(Wire wire) {
    int readers = readers();
    Deque<Wire> copies = new ArrayDeque<>();
    Wire rest = wire;
    for (int i = 1; i < readers; i++) {
      Wire copy = wire(wire.lanes(), wire.bits());
      Wire more = wire(wire.lanes(), wire.bits());
      add(Unit.Kind.FORK, "fork", List.of(rest), List.of(copy, more), null, "W", wire.width());
      copies.add(copy);
      rest = more;
    }
    copies.add(rest);
    branches.put(layer, copies);
  }

  private int readers() {
    int readers = 0;
    for (Layer other : network.layers()) {
      for (int input : other.inputs()) {
        readers += input == layer ? 1 : 0;
      }
    }
    return readers;
  }

  private Wire matrix(Layer.Matrix matrix) {
    Folding.Fold fold = folding.folds().get(layer);
    int sf = matrix.synapses() / fold.simd();
    int nf = matrix.out().channels() / fold.pe();
    boolean wired = isWired(layer);
    MatrixNumbers numbers = new MatrixNumbers(matrix, wired ? 1 : fold.simd());
    Wire x = resize(branches.get(matrix.input()).pop(), fold.simd());
    Wire sums;
    if (wired) {
      x = enter(matrix.input(), x);
      sums = wire(fold.pe(), numbers.sumBits());
      ConstantSums tree = new ConstantSums(prefix + "_sums", numbers.weights, numbers.xBits);
      units.add(
          new Unit(
              prefix + "_mac",
              Unit.Kind.SUMS,
              layer,
              new LinkedHashMap<>(),
              List.of(x),
              List.of(sums),
              null,
              null,
              tree));
    } else {
      sums = products(matrix, numbers, x, sf, nf);
    }
    EpilogueUnits epilogues = new EpilogueUnits(prefix, layer, nf, fold.pe());
    // A residual waits for its other branch; sums that leave the network get more bits.
    boolean ends = wired && (matrix.residual() != null || matrix.epilogue() == null);
    if (ends) {
      sums = leave(sums);
    }
    Wire residual = null;
    if (matrix.residual() != null) {
      Wire codes = branches.get(matrix.residual()).pop();
      residual = resize(fifo(codes, matrix.residualIn()), fold.pe());
    }
    Wire out = wire(fold.pe(), matrix.out().bits());
    units.add(epilogues.of(matrix, numbers, sums, residual, out));
    if (wired && !ends) {
      return goesOn(out.lanes()) ? out : leave(out);
    }
    return skid(out);
  }

  /** Whether a layer's weights are wires: one bit each, and all of them used in every clock. */
  private boolean isWired(int number) {
    if (number == Layer.NETWORK_INPUT
        || !(network.layers().get(number) instanceof Layer.Matrix matrix)) {
      return false;
    }
    int sf = matrix.synapses() / folding.folds().get(number).simd();
    int nf = matrix.out().channels() / folding.folds().get(number).pe();
    long weights = (long) matrix.synapses() * matrix.out().channels();
    boolean windowed = matrix.window() != null && !matrix.window().isPointwise();
    return matrix.oneBit() && !windowed && sf == 1 && nf == 1 && weights <= MAX_WIRED_WEIGHTS;
  }

  /**
   * Layers behind each other whose weights are wires, as one pipeline that never waits: a stall of
   * so many registers would be the longest path.
   *
   * @param entry the stream in front
   * @param start the stream that enters the first layer
   */
  private record Pipeline(Wire entry, Wire start) {}

  /** The stream that a layer of a pipeline reads. */
  private Wire enter(int input, Wire x) {
    Pipeline pipeline = pipelines.get(input);
    if (pipeline == null) {
      pipeline = new Pipeline(x, wire(x.lanes(), x.bits()));
      x = pipeline.start();
    }
    pipelines.put(layer, pipeline);
    return x;
  }

  /** Whether the pipeline that the layer is part of has a further one. */
  private boolean goesOn(int lanes) {
    boolean goesOn = readers() == 1;
    for (int i = layer + 1; i < network.layers().size(); i++) {
      Layer next = network.layers().get(i);
      if (next.inputs().contains(layer)) {
        goesOn &= next.input() == layer && isWired(i) && folding.folds().get(i).simd() == lanes;
      }
    }
    return goesOn;
  }

  /** The stream behind a pipeline, whose last unit gives {@code out}. */
  private Wire leave(Wire out) {
    Pipeline pipeline = pipelines.remove(layer);
    int first = indexOfReader(pipeline.start());
    int registers = 0;
    Wire at = pipeline.start();
    while (!at.equals(out)) {
      Unit unit = units.get(indexOfReader(at));
      registers += UnitModels.registers(unit);
      at = unit.outputs().getFirst();
    }
    int inside = registers + ROUND_TRIP;
    Wire held = fifo(out, inside, true);
    SequencedMap<String, Long> parameters = new LinkedHashMap<>();
    parameters.put("W", (long) pipeline.entry().width());
    parameters.put("COUNT", (long) inside);
    parameters.put("CW", (long) Bits.unsigned(inside));
    units.add(
        first,
        new Unit(
            "l" + units.get(first).layer() + "_credits",
            Unit.Kind.CREDITS,
            units.get(first).layer(),
            parameters,
            List.of(pipeline.entry()),
            List.of(pipeline.start()),
            held.name(),
            null));
    return held;
  }

  private int indexOfReader(Wire wire) {
    for (int i = 0; i < units.size(); i++) {
      if (units.get(i).inputs().contains(wire)) {
        return i;
      }
    }
    throw new IllegalStateException(wire.name());
  }

  /** Windows of a layer's input, and their products with weights from a memory. */
  private Wire products(Layer.Matrix matrix, MatrixNumbers numbers, Wire input, int sf, int nf) {
    Folding.Fold fold = folding.folds().get(layer);
    Wire x = input;
    Window window = matrix.window();
    String pad = null;
    if (window != null && !window.isPointwise()) {
      pad = prefix + "_pad";
      x = window(x, matrix.in(), matrix.out(), window, nf, false, numbers.padCode, pad);
    } else if (nf > 1) {
      Stream vector = new Stream(1, 1, matrix.in().channels(), matrix.in().bits());
      Stream one = new Stream(1, 1, matrix.out().channels(), matrix.out().bits());
      x = window(x, vector, one, Window.ofKernel(1, 1), nf, false, 0, null);
    }
    Wire sums = wire(fold.pe(), numbers.sumBits());
    Rom weights = MatrixRoms.weights(prefix + "_weights", numbers, fold, sf, nf);
    requireMemory(matrix, weights);
    SequencedMap<String, Long> parameters = MacSizes.of(matrix, numbers, fold, sf, nf);
    List<Wire> outputs = List.of(sums);
    units.add(
        new Unit(
            prefix + "_mac", Unit.Kind.MAC, layer, parameters, List.of(x), outputs, pad, weights));
    return sums;
  }

  private Wire scale(Layer.Scale scale) {
    Folding.Fold fold = folding.folds().get(layer);
    Wire x = resize(branches.get(scale.input()).pop(), fold.pe());
    Wire out = wire(fold.pe(), scale.out().bits());
    int nf = scale.out().channels() / fold.pe();
    units.add(new EpilogueUnits(prefix, layer, nf, fold.pe()).of(scale, x, out));
    return skid(out);
  }

  private Wire pool(Layer.Pool pool) {
    Folding.Fold fold = folding.folds().get(layer);
    Wire x = resize(branches.get(pool.input()).pop(), fold.simd());
    Wire taps = window(x, pool.in(), pool.out(), pool.window(), 1, true, 0, null);
    Wire out = wire(fold.simd(), pool.out().bits());
    int count = pool.window().taps();
    add(
        Unit.Kind.MAX,
        "max",
        List.of(taps),
        List.of(out),
        null,
        "LANES",
        fold.simd(),
        "XB",
        pool.in().bits(),
        "TAPS",
        count,
        "TB",
        Bits.unsigned(count - 1));
    return skid(out);
  }

  private Wire window(
      Wire x,
      Stream in,
      Stream out,
      Window window,
      int replay,
      boolean channelOuter,
      int padCode,
      String pad) {
    int cf = in.channels() / x.lanes();
    int rows = Windows.ringRows(window);
    long ring = (long) rows * in.width() * cf;
    int addressBits = Bits.unsigned(ring - 1);
    // Numbers of rows differ by less than the image, its padding, a window and the ring together.
    int yBits =
        Bits.unsigned(
                in.height()
                    + window.padTop()
                    + window.padBottom()
                    + window.kernelH() * window.dilationH()
                    + window.strideH()
                    + rows)
            + 1;
    int xBits =
        Bits.unsigned(
                (long) cf
                    * (in.width()
                        + window.padLeft()
                        + window.padRight()
                        + window.kernelW() * window.dilationW()
                        + window.strideW()))
            + 1;
    Wire beats = wire(x.lanes(), x.bits());
    String[] names = {
      "W",
      "HEIGHT",
      "WIDTH",
      "CF",
      "KH",
      "KW",
      "SH",
      "SW",
      "DH",
      "DW",
      "PT",
      "PL",
      "OH",
      "OW",
      "REPLAY",
      "CHANNEL_OUTER",
      "ROWS",
      "RB",
      "AW",
      "YB",
      "CB"
    };
    int[] values = {
      x.width(),
      in.height(),
      in.width(),
      cf,
      window.kernelH(),
      window.kernelW(),
      window.strideH(),
      window.strideW(),
      window.dilationH(),
      window.dilationW(),
      window.padTop(),
      window.padLeft(),
      out.height(),
      out.width(),
      replay,
      channelOuter ? 1 : 0,
      rows,
      Bits.unsigned(rows - 1),
      addressBits,
      yBits,
      xBits
    };
    SequencedMap<String, Long> parameters = new LinkedHashMap<>();
    for (int i = 0; i < names.length; i++) {
      parameters.put(names[i], (long) values[i]);
    }
    parameters.put("PADCODE", (long) padCode);
    parameters.put("XB", (long) x.bits());
    units.add(
        new Unit(
            prefix + "_window",
            Unit.Kind.WINDOW,
            layer,
            parameters,
            List.of(x),
            List.of(beats),
            pad,
            null));
    return beats;
  }

  /** As many lanes as the reader asks for. */
  private Wire resize(Wire wire, int lanes) {
    int common = wire.lanes() / gcd(wire.lanes(), lanes) * lanes;
    Wire x = wire;
    if (common > x.lanes()) {
      int factor = common / x.lanes();
      Wire wide = wire(common, x.bits());
      convert(Unit.Kind.UPSIZE, "up", x, wide, factor, Bits.unsigned(factor - 1));
      x = wide;
    }
    if (lanes < x.lanes()) {
      int factor = x.lanes() / lanes;
      Wire narrow = wire(lanes, x.bits());
      convert(Unit.Kind.DOWNSIZE, "down", x, narrow, factor, Bits.unsigned(factor));
      x = narrow;
    }
    return x;
  }

  private void convert(Unit.Kind kind, String name, Wire x, Wire y, int factor, int countBits) {
    int width = Math.min(x.width(), y.width());
    add(kind, name, List.of(x), List.of(y), null, "W", width, "F", factor, "CW", countBits);
  }

  /** Holds a whole sample: the other branch may need all of it before its first answer. */
  private Wire fifo(Wire wire, Stream stream) {
    int depth = Math.toIntExact(Math.max(2, stream.elements() / wire.lanes()));
    return fifo(wire, depth, false);
  }

  private Wire fifo(Wire wire, int depth, boolean room) {
    Wire held = wire(wire.lanes(), wire.bits());
    add(
        Unit.Kind.FIFO,
        "fifo",
        List.of(wire),
        List.of(held),
        null,
        "W",
        wire.width(),
        "DEPTH",
        depth,
        "AW",
        Bits.unsigned(depth - 1),
        "CW",
        Bits.unsigned(depth),
        "ROOM",
        room ? 1 : 0);
    return held;
  }

  private Wire skid(Wire wire) {
    Wire held = wire(wire.lanes(), wire.bits());
    add(Unit.Kind.SKID, "skid", List.of(wire), List.of(held), null, "W", wire.width());
    return held;
  }

  private Wire wire(int lanes, int bits) {
    return new Wire(prefix + "_w" + units.size() + "_" + wires++, lanes, bits);
  }

  private int wires;

  private void add(
      Unit.Kind kind,
      String name,
      List<Wire> inputs,
      List<Wire> outputs,
      Rom rom,
      Object... parameters) {
    SequencedMap<String, Long> map = new LinkedHashMap<>();
    for (int i = 0; i < parameters.length; i += 2) {
      map.put((String) parameters[i], ((Integer) parameters[i + 1]).longValue());
    }
    String unique =
        prefix + "_" + name + (units.stream().anyMatch(named(name)) ? units.size() : "");
    units.add(new Unit(unique, kind, layer, map, inputs, outputs, null, rom));
  }

  private java.util.function.Predicate<Unit> named(String name) {
    return unit -> unit.name().equals(prefix + "_" + name);
  }

  private static void requireMemory(Layer layer, Rom rom) {
    if (rom.bits() > MAX_ROM_BITS) {
      throw HeluException.unsupported(
          "rtl/design",
          layer.node().label() + " has " + rom.bits() + " bits of weights",
          "designs hold at most " + MAX_ROM_BITS + " bits a layer on chip");
    }
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
