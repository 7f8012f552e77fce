/** The product beside its peers on public data. */
@NullMarked
package io.foresplit.app.bench.data;

import org.jspecify.annotations.NullMarked;
