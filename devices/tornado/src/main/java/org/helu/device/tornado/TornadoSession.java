package org.helu.device.tornado;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.helu.runtime.device.AbstractSession;
import org.helu.runtime.device.LayerObserver;

/** Hands runs to its executable, which has the buffers. */
final class TornadoSession extends AbstractSession {
  private final TornadoExecutable executable;

  TornadoSession(TornadoExecutable executable, int maxBatch) {
    super(executable.graph().graph(), maxBatch);
    this.executable = executable;
  }

  @Override
  protected void execute(
      int batch, List<MemorySegment> inputs, List<MemorySegment> outputs, LayerObserver observer) {
    executable.execute(batch, inputs, outputs, observer);
  }
}
