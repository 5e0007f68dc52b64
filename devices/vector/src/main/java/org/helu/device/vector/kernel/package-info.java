/**
 * Loops over memory: static methods on segments and byte offsets. They know nothing of graphs, and
 * allocate nothing once compiled.
 */
package org.helu.device.vector.kernel;
