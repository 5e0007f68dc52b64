/**
 * Lowering a float network to few bits within an accuracy budget, by what calibration data show.
 */
package org.helu.compiler.calibration;
