package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.runtime.ReportSink;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.tensor.Optimiser;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What a node process uses of the world.
 *
 * @param nanoTime monotonic
 * @param reports where reports go; closed with the node
 */
public record NodeEnvironment(
    InstantSource wall,
    LongSupplier nanoTime,
    Pacer pacer,
    Computes computes,
    Datasets datasets,
    ReportSink reports) {
  /** Makes the mathematics of a segment. Called on the compute thread. */
  @FunctionalInterface
  public interface Computes {
    SegmentCompute create(JobSpec job, Optimiser optimiser, long seed);
  }

  /** Opens the data set, the same on every node of a job. */
  @FunctionalInterface
  public interface Datasets {
    /**
     * Opens it.
     *
     * @param path folder or file; empty to have the data drawn
     * @param seed of drawn data
     */
    Dataset open(JobSpec job, Optional<Path> path, long seed) throws IOException;
  }
}
