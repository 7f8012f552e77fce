package io.foresplit.runtime.sim;

import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SplitTopology;
import java.time.Instant;
import java.util.List;

/**
 * All that a simulated job said in one report interval.
 *
 * @param number wall time divided by the job's interval length
 * @param end the instant at which it ended
 * @param announced placements that came in force in it, the first one at the start of the job
 * @param reports of the nodes that were there at its end, in the order of the chain
 */
public record SimulatedInterval(
    long number, Instant end, List<SplitTopology> announced, List<SegmentReport> reports) {
  public SimulatedInterval {
    announced = List.copyOf(announced);
    reports = List.copyOf(reports);
  }
}
