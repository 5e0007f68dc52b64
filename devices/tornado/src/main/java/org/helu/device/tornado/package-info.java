/**
 * OpenCL, PTX and CUDA devices: a graph's kernels are Java that TornadoVM compiles and offloads.
 */
package org.helu.device.tornado;
