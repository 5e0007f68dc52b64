/** The {@code .helu} file: layout, checks and the JSON form of ops (docs/format.md). */
package org.helu.runtime.format;
