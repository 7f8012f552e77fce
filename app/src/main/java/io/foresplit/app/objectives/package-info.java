/** Commands about the objectives of jobs. */
@NullMarked
package io.foresplit.app.objectives;

import org.jspecify.annotations.NullMarked;
