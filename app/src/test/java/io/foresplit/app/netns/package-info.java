/** Training over real network namespaces. */
@NullMarked
package io.foresplit.app.netns;

import org.jspecify.annotations.NullMarked;
