/**
 * An incident becomes a cause with evidence: {@link io.foresplit.diagnoser.DiagnosisStage} decides,
 * statistics first. A language model may word the explanation, never choose the cause.
 */
@NullMarked
package io.foresplit.diagnoser;

import org.jspecify.annotations.NullMarked;
