/** Child processes that never outlive their parent unless told to. */
@NullMarked
package io.foresplit.app.process;

import org.jspecify.annotations.NullMarked;
