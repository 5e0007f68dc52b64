package org.helu.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.helu.bench.BenchRow.Key;
import org.helu.bench.BenchRow.Size;
import org.helu.bench.BenchRow.Start;
import org.helu.bench.BenchRow.Versus;
import org.helu.bench.system.EnergyMeter;
import org.helu.runtime.HeluException;
import org.helu.runtime.data.AtomicFile;
import org.helu.runtime.device.CompileOptions;
import org.helu.runtime.device.Device;
import org.helu.runtime.device.DeviceOptions;
import org.helu.runtime.device.Devices;
import org.helu.runtime.device.Executable;
import org.helu.runtime.format.HeluFile;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.tensor.Tensor;
import org.helu.samples.SampleData;

/** Measures one network in one mode: for each number of threads and each batch one {@link Heat}. */
final class NetworkBench {
  private static final String FP32 = CompetitorModels.FP32;
  private static final String INT8 = CompetitorModels.INT8;

  /** Inputs that ranges of activations are taken from where a model is quantized. */
  private static final int CALIBRATION = 32;

  /** What a runtime may take for the images that give its accuracy. */
  private static final double ACCURACY_NANOS = 15e9;

  private final Benchmark benchmark;
  private final BenchOptions options;
  private final Network network;
  private final Competitor competitor;
  private final List<String> deviceNames;
  private final EnergyMeter energy;
  private final SampleData data;

  /** Images that give the accuracy; -1 until the first times are known. */
  private int images = -1;

  /** Devices by the names that they were selected by. */
  private final Set<String> opened = new LinkedHashSet<>();

  /** Accuracy does not depend on batch and threads: measured once per device. */
  private final Map<String, Double> accuracies = new LinkedHashMap<>();

  NetworkBench(
      Benchmark benchmark,
      Network network,
      Competitor competitor,
      List<String> deviceNames,
      EnergyMeter energy) {
    this.benchmark = benchmark;
    this.options = benchmark.options();
    this.network = network;
    this.competitor = competitor;
    this.deviceNames = deviceNames;
    this.energy = energy;
    this.data =
        network.source().sample() == null ? null : SampleData.load(network.source().sample());
  }

  /**
   * Images that the slowest runtime classifies in bearable time, in whole batches: every contender
   * computes what it was prepared for, and all classify the same images.
   */
  private int affordableImages(int batch, List<BenchRow> rows) {
    if (data == null || options.images() == 0) {
      return 0;
    }
    double slowest = rows.stream().mapToDouble(row -> row.timing().p50Nanos()).max().orElse(1);
    double affordable = Math.min(data.images().count(), ACCURACY_NANOS / slowest * batch);
    int count = (int) Math.min(options.images(), affordable);
    return Math.max(1, count / batch) * batch;
  }

  void run() {
    if (competitor == null) {
      run(Map.of());
      coldStarts(Map.of());
      return;
    }
    Inputs calibration = inputs(CALIBRATION);
    try (CompetitorModels models = new CompetitorModels(network.source(), calibration.inOrder())) {
      run(models.entries());
      coldStarts(models.entries());
    }
  }

  private Inputs inputs(int batch) {
    Graph graph = network.graph().graph();
    return data == null ? Inputs.random(graph, batch) : Inputs.images(graph, batch, data);
  }

  private void run(Map<String, CompetitorModels.Entry> models) {
    int done = 0;
    int total = options.threads().size() * options.batches().size();
    for (int threads : options.threads()) {
      Map<String, Device> devices = new LinkedHashMap<>();
      try {
        for (String name : deviceNames) {
          open(name, threads, devices);
        }
        for (int batch : options.batches()) {
          String work = network.source().name() + " " + network.mode();
          benchmark.progress().step(work, done++, total);
          try (Heat heat = new Heat(threads, batch)) {
            heat.enter(devices, models);
            heat.measure();
          }
        }
      } finally {
        devices.values().forEach(Device::close);
      }
    }
  }

  private void coldStarts(Map<String, CompetitorModels.Entry> models) {
    if (options.coldStarts() == 0) {
      return;
    }
    String name = network.source().name();
    benchmark.progress().step("cold starts of " + name, 0, -1);
    ColdStarts starts = new ColdStarts(name);
    int threads = options.threads().getFirst();
    Path file = null;
    try {
      file = Files.createTempFile("helu-bench-cold", ".helu");
      HeluFile.write(file, network.graph());
      for (String device : opened) {
        starts.addDevice(network.mode(), device, threads, file);
      }
      Map<String, Tensor> single = inputs(1).byName();
      models.forEach(
          (mode, model) -> {
            if (model.file() != null) {
              starts.addCompetitor(mode, competitor, threads, model.file(), single);
            }
          });
      benchmark.addColdStarts(starts.measure(options.coldStarts()));
    } catch (HeluException e) {
      benchmark.skip(new Skipped(name, network.mode(), "cold start", e.getMessage()));
    } catch (IOException e) {
      throw HeluException.io(
          Benchmark.STAGE,
          "no temporary file: " + AtomicFile.reason(e),
          "make java.io.tmpdir writable",
          e);
    } finally {
      Network.delete(file);
    }
  }

  private void open(String name, int threads, Map<String, Device> devices) {
    try {
      Device device = Devices.open(name, new DeviceOptions(threads));
      devices.put(device.name(), device);
      opened.add(device.name());
      benchmark.describe(device.name(), device.description());
    } catch (HeluException e) {
      if (e.kind() != HeluException.Kind.DEVICE_UNAVAILABLE) {
        throw e;
      }
      benchmark.skip(new Skipped("", "", name, e.getMessage()));
    }
  }

  /** Contenders that are timed in turn on the same inputs. */
  private final class Heat implements AutoCloseable {
    private final int threads;
    private final int batch;
    private final Inputs inputs;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, String> absent = new LinkedHashMap<>();

    /** One contender, with what its row tells beside times. */
    private record Entry(
        Key key,
        Contender contender,
        Start start,
        Size size,
        Executable executable,
        CompetitorModels.Entry model) {
      boolean isDevice() {
        return executable != null;
      }

      boolean answers() {
        return isDevice() || model.answers();
      }

      String note() {
        return isDevice() ? "" : model.note();
      }
    }

    Heat(int threads, int batch) {
      this.threads = threads;
      this.batch = batch;
      var graph = network.graph().graph();
      this.inputs = data == null ? Inputs.random(graph, batch) : Inputs.images(graph, batch, data);
    }

    void enter(Map<String, Device> devices, Map<String, CompetitorModels.Entry> models) {
      devices.forEach(this::enterDevice);
      if (!entries.isEmpty()) {
        models.forEach(this::enterCompetitor);
      }
    }

    private void enterDevice(String name, Device device) {
      Key key = new Key(network.source().name(), network.mode(), name, batch, threads);
      Executable executable = null;
      try {
        long begin = System.nanoTime();
        executable = device.compile(network.graph(), new CompileOptions(batch));
        long prepared = System.nanoTime();
        Contender contender = new DeviceContender(executable, inputs.inOrder());
        contender.run();
        long ran = System.nanoTime();
        Start start =
            new Start(
                network.compileNanos(), network.loadNanos(), prepared - begin, ran - prepared);
        Size size =
            new Size(network.fileBytes(), executable.weightBytes(), executable.sessionBytes(), -1);
        entries.add(new Entry(key, contender, start, size, executable, null));
      } catch (HeluException e) {
        if (executable != null) {
          executable.close();
        }
        benchmark.skip(new Skipped(network.source().name(), network.mode(), name, e.getMessage()));
      }
    }

    private void enterCompetitor(String mode, CompetitorModels.Entry model) {
      if (model.file() == null) {
        absent.put(mode, model.note());
        return;
      }
      String name = competitor.name();
      try {
        long begin = System.nanoTime();
        Contender contender = competitor.open(model.file(), threads, inputs.byName());
        long prepared = System.nanoTime();
        contender.run();
        long ran = System.nanoTime();
        entries.add(
            new Entry(
                new Key(network.source().name(), mode, name, batch, threads),
                contender,
                new Start(0, 0, prepared - begin, ran - prepared),
                new Size(model.file().toFile().length(), -1, -1, -1),
                null,
                model));
      } catch (HeluException e) {
        absent.put(mode, e.getMessage());
        benchmark.skip(new Skipped(network.source().name(), mode, name, e.getMessage()));
      }
    }

    void measure() {
      if (entries.isEmpty()) {
        return;
      }
      List<Timing> timings =
          new Interleaved(options.effort(), energy)
              .measure(entries.stream().map(Entry::contender).toList());
      long resident = benchmark.files().residentBytes().orElse(-1);
      // Differences before accuracies: those write other inputs.
      List<BenchRow> rows = new ArrayList<>();
      for (int i = 0; i < entries.size(); i++) {
        rows.add(row(i, timings, resident));
      }
      if (images < 0) {
        images = affordableImages(batch, rows);
      }
      for (int i = 0; i < entries.size(); i++) {
        Entry entry = entries.get(i);
        BenchRow row =
            entry.answers() ? rows.get(i).withAccuracy(accuracy(entry), images) : rows.get(i);
        if (entry.isDevice()) {
          benchmark.addRow(row);
        } else {
          benchmark.addBaseline(row);
        }
      }
    }

    private BenchRow row(int index, List<Timing> timings, long resident) {
      Entry entry = entries.get(index);
      Size size = entry.size();
      return new BenchRow(
          entry.key(),
          timings.get(index),
          entry.start(),
          new Size(size.fileBytes(), size.weightBytes(), size.sessionBytes(), resident),
          entry.isDevice() ? network : null,
          versus(index, FP32, timings),
          versus(index, INT8, timings),
          Double.NaN,
          0,
          entry.note(),
          options.layers() && entry.contender() instanceof DeviceContender device
              ? LayerTimes.measure(device, network, options.effort())
              : List.of());
    }

    private Versus versus(int index, String mode, List<Timing> timings) {
      for (int i = 0; i < entries.size(); i++) {
        Entry other = entries.get(i);
        if (!other.isDevice() && other.key().mode().equals(mode)) {
          double speedup = timings.get(index).speedupOver(timings.get(i));
          double diff =
              other.answers() && entries.get(index).answers()
                  ? Outputs.maxAbsDiff(
                      entries.get(index).contender().outputs(), other.contender().outputs())
                  : Double.NaN;
          return new Versus(speedup, diff, "");
        }
      }
      return Versus.none(
          absent.getOrDefault(mode, "not asked for; --against onnxruntime measures it"));
    }

    private double accuracy(Entry entry) {
      if (images == 0) {
        return Double.NaN;
      }
      Key key = entry.key();
      String name = key.device() + " " + key.mode();
      return accuracies.computeIfAbsent(
          name, _ -> Outputs.accuracy(entry.contender(), inputs, batch, images, data));
    }

    @Override
    public void close() {
      for (Entry entry : entries.reversed()) {
        entry.contender().close();
        if (entry.isDevice()) {
          entry.executable().close();
        }
      }
    }
  }
}
