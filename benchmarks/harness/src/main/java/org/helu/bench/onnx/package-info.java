/**
 * Other forms of an ONNX model for competitors to run: a low-bit network as the float network of
 * the same shape, and a float network quantized to int8.
 */
package org.helu.bench.onnx;
