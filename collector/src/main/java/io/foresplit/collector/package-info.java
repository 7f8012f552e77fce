/**
 * What nodes report becomes trustworthy metrics, closed by interval ticks. Pure: time and records
 * are passed in, what comes of them is returned.
 */
@NullMarked
package io.foresplit.collector;

import org.jspecify.annotations.NullMarked;
