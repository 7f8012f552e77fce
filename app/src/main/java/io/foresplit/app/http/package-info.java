/**
 * The console page, the API under {@code /api} and {@code /metrics}; reads the view, changes
 * nothing.
 */
@NullMarked
package io.foresplit.app.http;

import org.jspecify.annotations.NullMarked;
