/**
 * The {@code vector} device: graphs become lists of bound kernels that run on the JVM's SIMD units.
 */
package org.helu.device.vector;
