/** From a graph of integer layers to a streaming design: layers, folding, units, Verilog. */
package org.helu.device.rtl.design;
