/** ONNX Runtime as a competitor. Its jar is needed where somebody measures, nowhere else. */
package org.helu.bench.onnxruntime;
