/** The contract that every device is tested against: op cases, tolerances, session behaviour. */
package org.helu.device.testkit;
