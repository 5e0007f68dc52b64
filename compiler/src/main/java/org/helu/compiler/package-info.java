/** Turns trained networks into graphs that devices run. */
package org.helu.compiler;
