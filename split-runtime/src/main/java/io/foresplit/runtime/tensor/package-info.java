/**
 * Layers, segments and the optimiser, computed with DJL on PyTorch. The only place that knows
 * either; what leaves it are {@link io.foresplit.runtime.tensor.Tensor}s.
 */
@NullMarked
package io.foresplit.runtime.tensor;

import org.jspecify.annotations.NullMarked;
