/** Links between nodes: the rate they offer over time, and what shapes traffic to it. */
@NullMarked
package io.foresplit.runtime.link;

import org.jspecify.annotations.NullMarked;
