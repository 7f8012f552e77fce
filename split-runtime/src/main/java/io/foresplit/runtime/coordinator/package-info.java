/** The coordinator of a job: it owns the placement and changes it, once, at a step boundary. */
@NullMarked
package io.foresplit.runtime.coordinator;

import org.jspecify.annotations.NullMarked;
