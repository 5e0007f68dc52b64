package org.helu.runtime.op;

/** Reductions over axes. */
public enum ReduceKind {
  /** Arithmetic mean. */
  MEAN,
  /** Sum. */
  SUM,
  /** Product. */
  PROD,
  /** Largest element. */
  MAX,
  /** Smallest element. */
  MIN
}
