/** What runs are worth: measures, pooled within a seed, summarised over seeds. */
@NullMarked
package io.foresplit.bench.measure;

import org.jspecify.annotations.NullMarked;
