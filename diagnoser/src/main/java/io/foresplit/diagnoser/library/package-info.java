/**
 * What may be looked up about trouble: runbooks and past incidents, found by similarity of meaning.
 */
@NullMarked
package io.foresplit.diagnoser.library;

import org.jspecify.annotations.NullMarked;
