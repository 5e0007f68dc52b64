package org.helu.device.vector;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.helu.device.vector.kernel.OpenGates;
import org.helu.runtime.device.AbstractSession;
import org.helu.runtime.device.LayerObserver;
import org.helu.runtime.device.StepProfile;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.graph.Node;
import org.helu.runtime.tensor.Encoding;
import org.helu.runtime.tensor.Tensor;
import org.helu.runtime.tensor.TensorType;

/** Walks the steps. */
final class VectorSession extends AbstractSession {
  private final VectorExecutable executable;
  private final Graph graph;
  private final Step[] steps;
  private final Addresses addresses;
  private final WorkerPool pool;
  private final Frame frame;
  private final Arena arena;
  private final long[] inputOffsets;
  private final long[] outputOffsets;
  private final long[] inputSteps;
  private final long[] outputSteps;

  /** By samples of a pass, made when the first one of its size comes. */
  private final ThreadChoice[] choices;

  /** Time of each step, while a run is profiled; else null. */
  private long[] stepNanos;

  VectorSession(
      VectorExecutable executable,
      Step[] steps,
      Addresses addresses,
      WorkerPool pool,
      Frame frame,
      Arena arena) {
    super(executable.graph().graph(), executable.maxBatch());
    this.executable = executable;
    this.graph = executable.graph().graph();
    this.steps = steps;
    this.addresses = addresses;
    this.pool = pool;
    this.frame = frame;
    this.arena = arena;
    this.choices = new ThreadChoice[executable.passBatch() + 1];
    this.inputOffsets =
        this.graph.inputs().stream().mapToLong(input -> addresses.of(input.name())).toArray();
    this.outputOffsets = this.graph.outputs().stream().mapToLong(addresses::of).toArray();
    this.inputSteps = this.graph.inputs().stream().mapToLong(input -> step(input.type())).toArray();
    this.outputSteps =
        this.graph.outputs().stream().mapToLong(name -> step(graph.type(name))).toArray();
  }

  @Override
  protected void execute(
      int batch, List<MemorySegment> inputs, List<MemorySegment> outputs, LayerObserver observer) {
    executable.requireOpen();
    boolean shared = pool.tryAcquire();
    try {
      for (int first = 0; first < batch; first += frame.batch) {
        frame.batch = Math.min(executable.passBatch(), batch - first);
        copyInputs(inputs, first);
        runSteps(shared, observer);
        copyOutputs(outputs, first);
      }
    } finally {
      if (shared) {
        pool.release();
      }
    }
  }

  /** Bytes from one sample to the next, 0 where all samples share the value. */
  private static long step(TensorType type) {
    return type.shape().isBatched() ? type.withBatch(1).dataBytes() : 0;
  }

  private void copyInputs(List<MemorySegment> inputs, int first) {
    for (int i = 0; i < inputOffsets.length; i++) {
      MemorySegment input = inputs.get(i);
      long bytes = inputSteps[i] == 0 ? input.byteSize() : frame.batch * inputSteps[i];
      MemorySegment.copy(input, first * inputSteps[i], frame.memory, inputOffsets[i], bytes);
    }
  }

  private void copyOutputs(List<MemorySegment> outputs, int first) {
    for (int i = 0; i < outputOffsets.length; i++) {
      MemorySegment output = outputs.get(i);
      long bytes = outputSteps[i] == 0 ? output.byteSize() : frame.batch * outputSteps[i];
      MemorySegment.copy(frame.memory, outputOffsets[i], output, first * outputSteps[i], bytes);
    }
  }

  private void runSteps(boolean pooled, LayerObserver observer) {
    ThreadChoice choice = choices[frame.batch];
    if (choice == null) {
      choice = new ThreadChoice(steps, frame.batch);
      choices[frame.batch] = choice;
    }
    boolean isProfiled = stepNanos != null;
    boolean isTimed = choice.begin(pooled && observer == null && !isProfiled);
    for (int i = 0; i < steps.length; i++) {
      if (steps[i] != null) {
        long start = isProfiled || isTimed ? System.nanoTime() : 0;
        runStep(steps[i], pooled && choice.isShared(i));
        if (isProfiled) {
          stepNanos[i] += System.nanoTime() - start;
        } else if (isTimed) {
          choice.time(i, System.nanoTime() - start);
        }
      }
      if (observer != null) {
        observe(graph.nodes().get(i), observer);
      }
    }
    if (isTimed) {
      choice.end();
    }
  }

  private void runStep(Step step, boolean shared) {
    step.prepare(frame);
    for (int phase = 0; phase < step.phases(); phase++) {
      if (shared) {
        pool.run(step, frame, phase);
      } else {
        step.run(frame, phase, 0, 1);
      }
    }
  }

  private void observe(Node node, LayerObserver observer) {
    TensorType type = graph.type(node.output()).withBatch(frame.batch);
    long offset = addresses.of(node.output());
    if (type.encoding() instanceof Encoding.Gated) {
      // No kernel reads stored masks, see OpenGates: they are made for whoever looks.
      OpenGates.writeMask(
          frame.memory, offset, type.rows(), type.shape().last(), offset + type.maskOffset());
    }
    observer.layer(node, new Tensor(type, frame.memory.asSlice(offset, type.byteSize())));
  }

  @Override
  public List<StepProfile> profile(List<Tensor> inputs) {
    stepNanos = new long[steps.length];
    try {
      run(inputs);
      List<StepProfile> profile = new ArrayList<>();
      for (int i = 0; i < steps.length; i++) {
        if (steps[i] != null) {
          profile.add(new StepProfile(List.of(graph.nodes().get(i).name()), stepNanos[i]));
        }
      }
      return profile;
    } finally {
      stepNanos = null;
    }
  }

  @Override
  protected void release() {
    arena.close();
    executable.leave();
  }
}
