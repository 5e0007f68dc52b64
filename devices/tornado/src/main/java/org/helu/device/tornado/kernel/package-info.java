/**
 * What TornadoVM compiles for the device: static methods over off-heap arrays, with
 * {@code @Parallel} loops.
 *
 * <p>All of them run as plain Java too. The outer loop goes over samples, up to the compiled
 * maximum, and skips those that this run does not have ({@code batch.get(0)} is how many it has):
 * scalar arguments are compiled in as constants, so a batch passed as a scalar would recompile. The
 * inner parallel loop goes over one sample's elements: TornadoVM spreads the innermost one over a
 * CPU's cores. Names start with {@code helu} because TornadoVM makes OpenCL functions of them, and
 * some names, {@code select} for one, collide.
 *
 * <p>TornadoVM 5.2 miscompiles some Java ({@code >>>}, {@code <=} and {@code >=} of floats where
 * one is NaN, leaving a loop by {@code break}, and more); KernelCodeTest keeps such constructs out
 * of this package.
 */
package org.helu.device.tornado.kernel;
