/** Commands that ask a running service. */
@NullMarked
package io.foresplit.app.client;

import org.jspecify.annotations.NullMarked;
