/** What Prometheus sees of the service. */
@NullMarked
package io.foresplit.app.metrics;

import org.jspecify.annotations.NullMarked;
