package org.helu.runtime.op;

/** What {@link DeviceOp.Pad} fills with. */
public enum PadMode {
  /** A constant. */
  CONSTANT,
  /** Mirrored without repeating the edge element. */
  REFLECT,
  /** The edge element repeated. */
  EDGE
}
