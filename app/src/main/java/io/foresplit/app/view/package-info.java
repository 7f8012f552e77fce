/** What people see of the running jobs: a bounded view folded from the topics. */
@NullMarked
package io.foresplit.app.view;

import org.jspecify.annotations.NullMarked;
