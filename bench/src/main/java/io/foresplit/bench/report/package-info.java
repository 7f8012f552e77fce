/** Measures for programs and for people. */
@NullMarked
package io.foresplit.bench.report;

import org.jspecify.annotations.NullMarked;
