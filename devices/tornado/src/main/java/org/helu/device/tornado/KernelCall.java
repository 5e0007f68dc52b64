package org.helu.device.tornado;

import java.util.List;
import java.util.function.BiConsumer;
import org.helu.runtime.graph.Node;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task10;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task11;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task12;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task13;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task5;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task6;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task7;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task8;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task9;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * One kernel with its arguments: a task of a TaskGraph, or a call in plain Java.
 *
 * @param node what it computes (a part of); of several, the last
 * @param names of all nodes that it computes
 * @param kernel the method's name
 * @param arguments arrays and scalars
 * @param written the arrays that it writes; empty where that is the node's output
 * @param task adds it to a TaskGraph under an id
 * @param java runs it in plain Java
 * @param grid how a kernel that knows its work-group is launched; null where loops are {@code
 *     Parallel}
 */
record KernelCall(
    Node node,
    List<String> names,
    String kernel,
    List<Object> arguments,
    List<TornadoNativeArray> written,
    BiConsumer<TaskGraph, String> task,
    Runnable java,
    Grid grid) {
  /** Items in each direction, of all work-groups and of one. */
  record Grid(int x, int y, int localX, int localY) {}

  private KernelCall(
      Node node,
      String kernel,
      List<Object> arguments,
      BiConsumer<TaskGraph, String> task,
      Runnable java) {
    this(node, List.of(node.name()), kernel, arguments, List.of(), task, java, null);
  }

  /** A call of a kernel that is a whole graph and not written in Java, with one work-item. */
  static KernelCall ofGraph(
      List<Node> nodes,
      String kernel,
      List<Object> arguments,
      List<TornadoNativeArray> written,
      BiConsumer<TaskGraph, String> task) {
    Node last = nodes.getLast();
    List<String> names = nodes.stream().map(Node::name).toList();
    return new KernelCall(last, names, kernel, arguments, written, task, refused(kernel), null);
  }

  /** This call, which writes {@code array} instead of the node's output. */
  KernelCall writing(TornadoNativeArray array) {
    return new KernelCall(node, names, kernel, arguments, List.of(array), task, java, grid);
  }

  /** Whether its code is ours rather than TornadoVM's. */
  boolean isPrebuilt() {
    return kernel.equals(OpenClSource.KERNEL);
  }

  /** This call over a grid; it does not run as plain Java, which has no work-groups. */
  KernelCall over(Grid items) {
    return new KernelCall(node, names, kernel, arguments, written, task, refused(kernel), items);
  }

  /** This call, which computes other nodes on the way. */
  KernelCall of(List<Node> nodes) {
    List<String> all = nodes.stream().map(Node::name).toList();
    return new KernelCall(node, all, kernel, arguments, written, task, java, grid);
  }

  private static Runnable refused(String kernel) {
    return () -> {
      throw new UnsupportedOperationException(kernel + " runs on devices only");
    };
  }

  /** Gives the calls of one node their node and name. */
  record Factory(Node node) {
    /** A kernel that is not written in Java. */
    KernelCall prebuilt(
        String kernel, List<Object> arguments, BiConsumer<TaskGraph, String> task, Grid grid) {
      List<String> names = List.of(node.name());
      return new KernelCall(node, names, kernel, arguments, List.of(), task, refused(kernel), grid);
    }

    <A, B, C, D, E> KernelCall of(
        String kernel, Task5<A, B, C, D, E> code, A a, B b, C c, D d, E e) {
      return new KernelCall(
          node,
          kernel,
          List.of(a, b, c, d, e),
          (graph, id) -> graph.task(id, code, a, b, c, d, e),
          () -> code.apply(a, b, c, d, e));
    }

    <A, B, C, D, E, F> KernelCall of(
        String kernel, Task6<A, B, C, D, E, F> code, A a, B b, C c, D d, E e, F f) {
      return new KernelCall(
          node,
          kernel,
          List.of(a, b, c, d, e, f),
          (graph, id) -> graph.task(id, code, a, b, c, d, e, f),
          () -> code.apply(a, b, c, d, e, f));
    }

    <A, B, C, D, E, F, G> KernelCall of(
        String kernel, Task7<A, B, C, D, E, F, G> code, A a, B b, C c, D d, E e, F f, G g) {
      return new KernelCall(
          node,
          kernel,
          List.of(a, b, c, d, e, f, g),
          (graph, id) -> graph.task(id, code, a, b, c, d, e, f, g),
          () -> code.apply(a, b, c, d, e, f, g));
    }

    <A, B, C, D, E, F, G, H> KernelCall of(
        String kernel, Task8<A, B, C, D, E, F, G, H> code, A a, B b, C c, D d, E e, F f, G g, H h) {
      return new KernelCall(
          node,
          kernel,
          List.of(a, b, c, d, e, f, g, h),
          (graph, id) -> graph.task(id, code, a, b, c, d, e, f, g, h),
          () -> code.apply(a, b, c, d, e, f, g, h));
    }

    <A, B, C, D, E, F, G, H, I> KernelCall of(
        String kernel,
        Task9<A, B, C, D, E, F, G, H, I> code,
        A a,
        B b,
        C c,
        D d,
        E e,
        F f,
        G g,
        H h,
        I i) {
      return new KernelCall(
          node,
          kernel,
          List.of(a, b, c, d, e, f, g, h, i),
          (graph, id) -> graph.task(id, code, a, b, c, d, e, f, g, h, i),
          () -> code.apply(a, b, c, d, e, f, g, h, i));
    }

    <A, B, C, D, E, F, G, H, I, J> KernelCall of(
        String kernel,
        Task10<A, B, C, D, E, F, G, H, I, J> code,
        A a,
        B b,
        C c,
        D d,
        E e,
        F f,
        G g,
        H h,
        I i,
        J j) {
      return new KernelCall(
          node,
          kernel,
          List.of(a, b, c, d, e, f, g, h, i, j),
          (graph, id) -> graph.task(id, code, a, b, c, d, e, f, g, h, i, j),
          () -> code.apply(a, b, c, d, e, f, g, h, i, j));
    }

    <A, B, C, D, E, F, G, H, I, J, K> KernelCall of(
        String kernel,
        Task11<A, B, C, D, E, F, G, H, I, J, K> code,
        A a,
        B b,
        C c,
        D d,
        E e,
        F f,
        G g,
        H h,
        I i,
        J j,
        K k) {
      return new KernelCall(
          node,
          kernel,
          List.of(a, b, c, d, e, f, g, h, i, j, k),
          (graph, id) -> graph.task(id, code, a, b, c, d, e, f, g, h, i, j, k),
          () -> code.apply(a, b, c, d, e, f, g, h, i, j, k));
    }

    <A, B, C, D, E, F, G, H, I, J, K, L> KernelCall of(
        String kernel,
        Task12<A, B, C, D, E, F, G, H, I, J, K, L> code,
        A a,
        B b,
        C c,
        D d,
        E e,
        F f,
        G g,
        H h,
        I i,
        J j,
        K k,
        L l) {
      return new KernelCall(
          node,
          kernel,
          List.of(a, b, c, d, e, f, g, h, i, j, k, l),
          (graph, id) -> graph.task(id, code, a, b, c, d, e, f, g, h, i, j, k, l),
          () -> code.apply(a, b, c, d, e, f, g, h, i, j, k, l));
    }

    <A, B, C, D, E, F, G, H, I, J, K, L, M> KernelCall of(
        String kernel,
        Task13<A, B, C, D, E, F, G, H, I, J, K, L, M> code,
        A a,
        B b,
        C c,
        D d,
        E e,
        F f,
        G g,
        H h,
        I i,
        J j,
        K k,
        L l,
        M m) {
      return new KernelCall(
          node,
          kernel,
          List.of(a, b, c, d, e, f, g, h, i, j, k, l, m),
          (graph, id) -> graph.task(id, code, a, b, c, d, e, f, g, h, i, j, k, l, m),
          () -> code.apply(a, b, c, d, e, f, g, h, i, j, k, l, m));
    }
  }
}
