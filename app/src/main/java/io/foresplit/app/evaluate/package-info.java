/** The evaluation suite as a command. */
@NullMarked
package io.foresplit.app.evaluate;

import org.jspecify.annotations.NullMarked;
