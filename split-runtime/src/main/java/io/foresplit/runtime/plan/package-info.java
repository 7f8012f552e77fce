/**
 * Where the layers of a model are best placed: {@link io.foresplit.runtime.plan.CutPlanner} for the
 * chain of a running job, {@link io.foresplit.runtime.plan.DagCutPlanner} for any graph of layers,
 * with readers for profiles and networks.
 */
@NullMarked
package io.foresplit.runtime.plan;

import org.jspecify.annotations.NullMarked;
