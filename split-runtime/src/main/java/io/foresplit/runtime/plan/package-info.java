/** Where the layers of a chain are best placed under given conditions, exactly. */
@NullMarked
package io.foresplit.runtime.plan;

import org.jspecify.annotations.NullMarked;
