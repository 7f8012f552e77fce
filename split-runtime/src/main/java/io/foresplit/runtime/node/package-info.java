/** A node process: it holds a segment, trains it, relays for others and reports what it sees. */
@NullMarked
package io.foresplit.runtime.node;

import org.jspecify.annotations.NullMarked;
