/** JMH microbenchmarks: one layer, or one small network, on one device. */
package org.helu.bench.jmh;
