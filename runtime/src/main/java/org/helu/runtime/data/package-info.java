/** Readers and writers of arrays, images and test sets, and atomic file writing. */
package org.helu.runtime.data;
