/** Small loops that find out what a machine can do at most: the ceilings of a roofline. */
package org.helu.bench.probe;
