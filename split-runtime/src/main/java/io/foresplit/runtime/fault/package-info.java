/**
 * Faults that nodes inject into themselves, and what a job would do under them. Only nodes and the
 * program that starts them see this; no stage does.
 */
@NullMarked
package io.foresplit.runtime.fault;

import org.jspecify.annotations.NullMarked;
