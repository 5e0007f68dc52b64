package org.helu.device.tornado;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.helu.runtime.device.AbstractSession;
import org.helu.runtime.device.LayerObserver;
import org.helu.runtime.device.RunProfile;
import org.helu.runtime.device.StepProfile;
import org.helu.runtime.tensor.Tensor;

/** Hands runs to its executable, which has the buffers. */
final class TornadoSession extends AbstractSession {
  private final TornadoExecutable executable;

  /** Filled while a run is profiled; else null. */
  private StepTimes times;

  TornadoSession(TornadoExecutable executable, int maxBatch) {
    super(executable.graph().graph(), maxBatch);
    this.executable = executable;
  }

  @Override
  protected void execute(
      int batch, List<MemorySegment> inputs, List<MemorySegment> outputs, LayerObserver observer) {
    executable.execute(batch, inputs, outputs, observer, times);
  }

  @Override
  public List<StepProfile> profile(List<Tensor> inputs) {
    return profileRun(inputs).steps();
  }

  @Override
  public RunProfile profileRun(List<Tensor> inputs) {
    times = executable.newTimes();
    try {
      long start = System.nanoTime();
      run(inputs);
      return times.profile(System.nanoTime() - start);
    } finally {
      times = null;
    }
  }
}
