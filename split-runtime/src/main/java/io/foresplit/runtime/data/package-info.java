/** Training data: it stays with its owner and is never part of a message. */
@NullMarked
package io.foresplit.runtime.data;

import org.jspecify.annotations.NullMarked;
