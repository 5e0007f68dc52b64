/** Trained networks, their references, and the suite that checks every device against them. */
package org.helu.samples;
