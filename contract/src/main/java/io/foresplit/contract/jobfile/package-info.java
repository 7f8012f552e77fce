/**
 * The job file: a training job in YAML, with units, checked as a whole so that all problems are
 * told at once.
 */
@NullMarked
package io.foresplit.contract.jobfile;

import org.jspecify.annotations.NullMarked;
