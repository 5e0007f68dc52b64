/** Programs of other projects that helu calls: simulators, synthesis, vendors' compilers. */
package org.helu.runtime.tool;
