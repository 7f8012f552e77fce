/** What {@code foresplit split} and {@code foresplit profile} show. */
@NullMarked
package io.foresplit.app.split;

import org.jspecify.annotations.NullMarked;
