/**
 * The demo: one seeded scenario on real processes, what was recorded of it, and the verdict. This
 * is the one place beside the nodes that knows the injected fault; it judges, and tells no stage.
 */
@NullMarked
package io.foresplit.app.demo;

import org.jspecify.annotations.NullMarked;
