/** The one program: commands, and what they wire together. Only {@code app} sees every stage. */
@NullMarked
package io.foresplit.app;

import org.jspecify.annotations.NullMarked;
