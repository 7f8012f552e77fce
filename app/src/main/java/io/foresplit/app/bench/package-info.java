/** Measurements of this program on this machine. */
@NullMarked
package io.foresplit.app.bench;

import org.jspecify.annotations.NullMarked;
