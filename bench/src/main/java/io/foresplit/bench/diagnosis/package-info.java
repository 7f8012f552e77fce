/** Diagnoses beside what was wrong: to train what tells causes apart, and to judge them. */
@NullMarked
package io.foresplit.bench.diagnosis;

import org.jspecify.annotations.NullMarked;
