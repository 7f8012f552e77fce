package io.foresplit.runtime.sim;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.LinkSpec;
import io.foresplit.runtime.link.RateTrace;

/**
 * What one directed link of a simulation gives, moment by moment, whatever the job does: so that
 * links of real processes can follow the same course. Not thread-safe.
 */
public final class LinkCourse {
  private final World.Link link;
  private final RateTrace trace;

  private LinkCourse(World.Link link, RateTrace trace) {
    this.link = link;
    this.trace = trace;
  }

  /**
   * What a link gives at a moment.
   *
   * @param bytesPerSecond positive; next to nothing while the link is away
   * @param delaySeconds one way
   * @param jitterSeconds how far the delay of one message is from it at most, beyond {@code
   *     delaySeconds}, which has what a disturbance adds
   * @param loss share of packets, of the trace; what a disturbance loses is taken from the rate
   */
  public record State(
      double bytesPerSecond, double delaySeconds, double jitterSeconds, double loss) {}

  /** The course of a link of the simulated job. */
  public static LinkCourse of(Simulation simulation, ComponentId id) {
    LinkSpec spec =
        simulation
            .job()
            .link(id.from(), id.to())
            .orElseThrow(() -> new IllegalArgumentException("the job has no link " + id));
    RateTrace trace = simulation.traces().getOrDefault(id, RateTrace.constant(1));
    return new LinkCourse(new World(simulation).new Link(spec), trace);
  }

  /**
   * The state at a moment.
   *
   * @param t seconds since the start of the job
   */
  public State at(double t) {
    return new State(
        link.bytesPerSecond(t), link.delaySeconds(t), trace.jitterSeconds(t), trace.loss(t));
  }
}
