/** Language models on this machine: fetched, verified, listed. */
@NullMarked
package io.foresplit.app.model;

import org.jspecify.annotations.NullMarked;
