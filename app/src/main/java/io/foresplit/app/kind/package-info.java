/** Commands that train and judge the classifier of kinds of degradation. */
@NullMarked
package io.foresplit.app.kind;

import org.jspecify.annotations.NullMarked;
