/**
 * One OpenCL C kernel of a whole network, in the form that the FPGA tools of Intel and AMD/Xilinx
 * ask for: a single work-item, weights in ROM, activations on chip, loops unrolled by a folding.
 */
package org.helu.device.tornado.fpga;
