package org.helu.bench;

import java.util.List;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.device.StepProfile;
import org.helu.runtime.tensor.Tensor;

/** A session of a helu device with its inputs. */
final class DeviceContender implements Contender {
  private final Session session;
  private final List<Tensor> inputs;
  private final Tensor single;
  private Tensor output;
  private List<Tensor> outputs = List.of();

  DeviceContender(Executable executable, List<Tensor> inputs) {
    this.inputs = List.copyOf(inputs);
    boolean simple = inputs.size() == 1 && executable.graph().graph().outputs().size() == 1;
    this.single = simple ? inputs.getFirst() : null;
    this.session = executable.newSession();
  }

  @Override
  public void run() {
    if (single != null) {
      output = session.run(single);
    } else {
      outputs = session.run(inputs);
    }
  }

  @Override
  public List<Tensor> outputs() {
    return single == null ? outputs : List.of(output);
  }

  /** A run with the time of each step, see {@link Session#profile}. */
  List<StepProfile> profile() {
    return session.profile(inputs);
  }

  @Override
  public void close() {
    session.close();
  }
}
