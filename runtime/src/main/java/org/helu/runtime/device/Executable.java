package org.helu.runtime.device;

import org.helu.runtime.graph.BinarizedGraph;

/** A graph prepared for one device. Thread-safe: open one {@link Session} per thread. */
public interface Executable extends AutoCloseable {
  /** The graph that was compiled. */
  BinarizedGraph graph();

  /** Bytes of working memory that one session takes, weights not counted. */
  long sessionBytes();

  /** Bytes of weights as the device holds them, shared by all sessions. */
  long weightBytes();

  /** A session with its own buffers. */
  Session newSession();

  @Override
  void close();
}
