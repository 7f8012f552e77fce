/** Methods of others, measured beside this product's in the same run. */
@NullMarked
package io.foresplit.bench.peer;

import org.jspecify.annotations.NullMarked;
