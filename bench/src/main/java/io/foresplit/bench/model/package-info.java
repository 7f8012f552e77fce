/** Training of what tells causes apart. */
@NullMarked
package io.foresplit.bench.model;

import org.jspecify.annotations.NullMarked;
