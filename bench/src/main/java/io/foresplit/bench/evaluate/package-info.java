/** Runs scenarios under strategies in virtual time, with the service's own decision code. */
@NullMarked
package io.foresplit.bench.evaluate;

import org.jspecify.annotations.NullMarked;
