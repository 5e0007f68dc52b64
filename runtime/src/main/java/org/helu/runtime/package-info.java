/** Graph, file format, device interface and reference kernels: what an edge board ships. */
package org.helu.runtime;
