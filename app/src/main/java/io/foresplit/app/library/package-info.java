/** Runbooks and past incidents, for the service and for the terminal. */
@NullMarked
package io.foresplit.app.library;

import org.jspecify.annotations.NullMarked;
