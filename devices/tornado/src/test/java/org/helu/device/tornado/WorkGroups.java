package org.helu.device.tornado;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import org.helu.device.tornado.KernelCall.Grid;
import org.helu.device.tornado.kernel.PackedKernels;
import org.helu.device.tornado.kernel.TiledKernels;
import uk.ac.manchester.tornado.api.KernelContext;

/**
 * Runs kernels that know their work-group as plain Java: a thread for each item, local memory and
 * barriers shared by those of a group.
 */
final class WorkGroups {
  private static final long BARRIER_SECONDS = 60;

  private WorkGroups() {}

  /** Runs all items of a call that has a grid. */
  static void run(KernelCall call) {
    Method kernel = kernel(call.kernel());
    Grid grid = call.grid();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int y = 0; y < grid.y() / grid.localY(); y++) {
        for (int x = 0; x < grid.x() / grid.localX(); x++) {
          run(kernel, call, x, y, threads);
        }
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(call.kernel(), e);
    }
  }

  private static Method kernel(String name) {
    return Arrays.asList(PackedKernels.class, TiledKernels.class).stream()
        .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
        .filter(method -> method.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static void run(Method kernel, KernelCall call, int x, int y, ExecutorService threads)
      throws InterruptedException, ExecutionException {
    Grid grid = call.grid();
    Group group = new Group(grid.localX() * grid.localY());
    List<Callable<Object>> items = new ArrayList<>();
    for (int i = 0; i < grid.localX() * grid.localY(); i++) {
      Item context = new Item(group, x, y, i % grid.localX(), i / grid.localX());
      Object[] arguments = call.arguments().toArray();
      arguments[0] = context;
      items.add(() -> kernel.invoke(null, arguments));
    }
    for (Future<Object> item : threads.invokeAll(items)) {
      item.get();
    }
  }

  /** What the items of a work-group share. */
  private static final class Group {
    private final CyclicBarrier barrier;
    private final List<Object> local = new ArrayList<>();

    private Group(int items) {
      this.barrier = new CyclicBarrier(items);
    }

    /** The array that the items' n-th allocation is. */
    private synchronized Object allocate(int n, int size, IntFunction<Object> array) {
      if (n == local.size()) {
        local.add(array.apply(size));
      }
      return local.get(n);
    }
  }

  private static final class Item extends KernelContext {
    private final Group group;
    private int allocations;

    private Item(Group group, int groupX, int groupY, int localX, int localY) {
      this.group = group;
      set("groupIdx", groupX);
      set("groupIdy", groupY);
      set("localIdx", localX);
      set("localIdy", localY);
    }

    /** The fields are final, as only generated code is meant to know their values. */
    private void set(String field, int value) {
      try {
        Field place = KernelContext.class.getField(field);
        place.setAccessible(true);
        place.set(this, value);
      } catch (ReflectiveOperationException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void localBarrier() {
      try {
        group.barrier.await(BARRIER_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
        throw new AssertionError("the items of a work-group do not meet", e);
      }
    }

    @Override
    public int[] allocateIntLocalArray(int size) {
      return (int[]) group.allocate(allocations++, size, int[]::new);
    }

    @Override
    public float[] allocateFloatLocalArray(int size) {
      return (float[]) group.allocate(allocations++, size, float[]::new);
    }
  }
}
