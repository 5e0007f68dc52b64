package org.helu.device.tornado.fpga;

/**
 * What one node of a network takes.
 *
 * @param node its name
 * @param op its op
 * @param pe outputs computed at once
 * @param simd products of each of them computed at once
 * @param operations multiply-accumulates of a sample; of nodes without, elements written
 * @param weightBits ROM: weights and the parameters of epilogues
 * @param activationBits RAM: what the node writes
 * @param initiationInterval clocks from one turn of the innermost loop to the next; 0 where only
 *     synthesis tells, as for sums of floats
 * @param clocks turns of the loops times the initiation interval (times 1 where that is unknown),
 *     without the clocks that fill and drain a pipeline
 */
public record LayerEstimate(
    String node,
    String op,
    int pe,
    int simd,
    long operations,
    long weightBits,
    long activationBits,
    int initiationInterval,
    long clocks) {}
