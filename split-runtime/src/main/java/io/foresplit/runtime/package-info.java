/** Split learning over gRPC: the way in for controllers, and what nodes and coordinator share. */
@NullMarked
package io.foresplit.runtime;

import org.jspecify.annotations.NullMarked;
