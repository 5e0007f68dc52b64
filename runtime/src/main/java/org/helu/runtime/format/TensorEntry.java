package org.helu.runtime.format;

import org.helu.runtime.tensor.TensorType;

/**
 * A row of the tensor table.
 *
 * @param name the constant's value name
 * @param type element type, shape and encoding
 * @param offset first byte, counted from the start of the data section; a multiple of 64
 * @param length bytes, {@link TensorType#byteSize()}
 * @param sha256 of these bytes, in lower-case hex
 */
public record TensorEntry(String name, TensorType type, long offset, long length, String sha256) {}
