/** The device {@code rtl}: a graph as a streaming Verilog design, simulated by Verilator. */
package org.helu.device.rtl;
