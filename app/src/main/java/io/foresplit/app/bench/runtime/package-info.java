/** The split runtime beside what it is to be better than, measured with real processes. */
@NullMarked
package io.foresplit.app.bench.runtime;

import org.jspecify.annotations.NullMarked;
