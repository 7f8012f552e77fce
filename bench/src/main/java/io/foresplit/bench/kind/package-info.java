/** Kinds of degradation: incidents whose kind is known, to train a classifier and to judge it. */
@NullMarked
package io.foresplit.bench.kind;

import org.jspecify.annotations.NullMarked;
