/**
 * The bytes of the contract: Protobuf, one message a topic, documented in {@code
 * foresplit/v1/*.proto}.
 */
@NullMarked
package io.foresplit.contract.wire;

import org.jspecify.annotations.NullMarked;
