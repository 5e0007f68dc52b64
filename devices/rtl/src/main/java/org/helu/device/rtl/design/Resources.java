package org.helu.device.rtl.design;

/**
 * What a design takes of a part.
 *
 * @param luts look-up tables
 * @param blockRams block RAMs
 * @param multipliers DSP blocks
 */
public record Resources(int luts, int blockRams, int multipliers) {
  /** Nothing. */
  public static final Resources NONE = new Resources(0, 0, 0);

  /** Both together. */
  public Resources plus(Resources other) {
    return new Resources(
        luts + other.luts, blockRams + other.blockRams, multipliers + other.multipliers);
  }

  /** Whether it fits. */
  public boolean fits(Resources capacity) {
    return luts <= capacity.luts
        && blockRams <= capacity.blockRams
        && multipliers <= capacity.multipliers;
  }

  /** The share of a part, summed over its kinds of resources: what a search makes small. */
  double share(Resources capacity) {
    return (double) luts / capacity.luts
        + (double) blockRams / capacity.blockRams
        + (capacity.multipliers == 0 ? multipliers : (double) multipliers / capacity.multipliers);
  }

  @Override
  public String toString() {
    return luts + " LUTs, " + blockRams + " block RAMs, " + multipliers + " multipliers";
  }
}
