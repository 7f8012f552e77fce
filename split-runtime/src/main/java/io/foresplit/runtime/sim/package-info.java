/**
 * Split training in virtual time: what real nodes would report, without real tensors or waiting.
 */
@NullMarked
package io.foresplit.runtime.sim;

import org.jspecify.annotations.NullMarked;
