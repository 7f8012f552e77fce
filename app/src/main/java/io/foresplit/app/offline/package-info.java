/**
 * Commands for series of one's own: forecast, detect and diagnose files of comma-separated values.
 */
@NullMarked
package io.foresplit.app.offline;

import org.jspecify.annotations.NullMarked;
