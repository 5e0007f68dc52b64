/** Integer lowering of quantized networks: facts about values, thresholds, fixed point, weights. */
package org.helu.compiler.lowbit;
