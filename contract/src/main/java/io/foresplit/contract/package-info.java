/**
 * The words all stages share. Domain types are validated records; ports are interfaces that {@code
 * app} injects. Their bytes are in {@link io.foresplit.contract.wire}.
 */
@NullMarked
package io.foresplit.contract;

import org.jspecify.annotations.NullMarked;
