/** Public data with known answers, and their own scoring. */
@NullMarked
package io.foresplit.bench.data;

import org.jspecify.annotations.NullMarked;
