package org.helu.runtime.op;

/** Pools over a window. */
public enum PoolKind {
  /** Largest element; padding never wins. */
  MAX,
  /** Mean of the elements inside the input. */
  AVERAGE,
  /** Mean with padding counted as zeros. */
  AVERAGE_INCLUDE_PAD
}
