/** What the machine tells about itself: processor, load, memory, energy. */
package org.helu.bench.system;
