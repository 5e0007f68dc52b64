package org.helu.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.helu.runtime.device.Executable;
import org.helu.runtime.device.Session;
import org.helu.runtime.graph.Graph;
import org.helu.runtime.tensor.Tensor;

/**
 * Whether a network gives the same bytes however often, and from however many threads at once, it
 * is called.
 *
 * @param calls calls of one session, and of each thread's own session
 * @param threads sessions that ran at the same time
 * @param difference the first difference found, or empty
 */
record Repetition(int calls, int threads, String difference) {
  private static final int THREADS = 4;

  /** Calls one session {@code calls} times, then sessions of several threads as often each. */
  static Repetition run(
      Graph graph, Executable executable, List<Tensor> inputs, int batch, int calls) {
    List<Tensor> expected = copies(call(graph, executable, inputs, batch, 1).getFirst());
    String difference =
        firstDifference("", call(graph, executable, inputs, batch, calls), expected);
    if (difference.isEmpty()) {
      difference = parallel(graph, executable, inputs, batch, calls, expected);
    }
    return new Repetition(calls, THREADS, difference);
  }

  private static String parallel(
      Graph graph,
      Executable executable,
      List<Tensor> inputs,
      int batch,
      int calls,
      List<Tensor> expected) {
    try (ExecutorService pool = Executors.newFixedThreadPool(THREADS)) {
      List<Future<String>> results = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        String thread = " of thread " + (t + 1);
        results.add(
            pool.submit(
                () ->
                    firstDifference(
                        thread, call(graph, executable, inputs, batch, calls), expected)));
      }
      for (Future<String> result : results) {
        if (!result.get().isEmpty()) {
          return result.get();
        }
      }
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while sessions ran", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("a session failed", e.getCause());
    }
  }

  private static List<List<Tensor>> call(
      Graph graph, Executable executable, List<Tensor> inputs, int batch, int calls) {
    List<List<Tensor>> outputs = new ArrayList<>();
    try (Session session = executable.newSession()) {
      Samples samples = new Samples(graph, inputs, batch);
      for (int i = 0; i < calls; i++) {
        outputs.add(copies(samples.runQuietly(session)));
      }
    }
    return outputs;
  }

  private static List<Tensor> copies(List<Tensor> tensors) {
    return tensors.stream().map(Tensor::copy).toList();
  }

  private static String firstDifference(
      String thread, List<List<Tensor>> calls, List<Tensor> expected) {
    for (int call = 0; call < calls.size(); call++) {
      for (int o = 0; o < expected.size(); o++) {
        Tensor found = calls.get(call).get(o);
        long at = found.data().mismatch(expected.get(o).data());
        if (at >= 0) {
          return "call " + (call + 1) + thread + " differs in output " + o + " at byte " + at;
        }
      }
    }
    return "";
  }

  boolean passes() {
    return difference.isEmpty();
  }

  String line() {
    String what = calls + " calls, and " + calls + " in each of " + threads + " threads at once";
    return passes()
        ? "repeat: " + what + ": identical bytes"
        : "repeat: " + what + ": FAIL, " + difference;
  }

  ObjectNode toJson() {
    ObjectNode json = Json.object();
    json.put("calls", calls).put("threads", threads).put("identical", passes());
    return passes() ? json : json.put("difference", difference);
  }
}
