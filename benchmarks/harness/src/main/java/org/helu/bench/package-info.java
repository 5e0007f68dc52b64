/**
 * Measures networks on devices, beside competitors, and reports: what {@code helu bench} does.
 *
 * <p>{@link org.helu.bench.Benchmark} is the entry. Nothing here is needed to run a network.
 */
package org.helu.bench;
