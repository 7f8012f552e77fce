package io.foresplit.runtime.coordinator;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.tensor.Optimiser;

/**
 * What a pre-copy of some layers is expected to meet, from what the job declares and the measured
 * rate of steps.
 *
 * @param stateBytes parameters and moments
 * @param stepBytes input and output gradient of the layers in one step
 * @param bytesPerSecond of the narrowest link on the way, less what training needs there
 * @param delaySeconds one way
 * @param stepSeconds of training; 0 when it is not known
 * @param replaySeconds of one step on the target
 * @param idleSeconds of the target in one step, negative when it is overloaded
 */
record CopyEstimate(
    long stateBytes,
    long stepBytes,
    double bytesPerSecond,
    double delaySeconds,
    double stepSeconds,
    double replaySeconds,
    double idleSeconds) {
  /** Training may leave this share of a link at least; what it leaves is measured later. */
  private static final double LEAST_SHARE = 0.05;

  static CopyEstimate of(
      JobSpec job, Optimiser optimiser, Placement from, LayerMove.Shift shift, double stepSeconds) {
    long parameters = 0;
    double work = 0;
    for (int layer = shift.firstLayer(); layer <= shift.lastLayer(); layer++) {
      LayerProfile profile = job.layers().get(layer);
      parameters += profile.parameterBytes();
      work += profile.forwardSeconds() + profile.backwardSeconds();
    }
    int source = job.tier(shift.source());
    int target = job.tier(shift.target());
    int direction = Integer.signum(target - source);
    double rate = Double.POSITIVE_INFINITY;
    double delay = 0;
    for (int tier = source; tier != target; tier += direction) {
      LinkSpec link = link(job, tier, tier + direction);
      double busy =
          stepSeconds > 0
              ? crossing(job, from, Math.min(tier, tier + direction))
                  / (link.bytesPerSecond() * stepSeconds)
              : 0;
      rate = Math.min(rate, link.bytesPerSecond() * Math.max(LEAST_SHARE, 1 - busy));
      delay += link.delaySeconds();
    }
    NodeSpec node = job.nodes().get(target);
    double own = 0;
    for (int layer = 0; layer < job.layers().size(); layer++) {
      if (from.nodeOfLayer().get(layer).equals(node.id())) {
        LayerProfile profile = job.layers().get(layer);
        own += profile.forwardSeconds() + profile.backwardSeconds();
      }
    }
    return new CopyEstimate(
        parameters * (optimiser instanceof Optimiser.Adam ? 3 : 2),
        outputBytes(job, shift.firstLayer() - 1) + outputBytes(job, shift.lastLayer()),
        rate,
        delay,
        stepSeconds,
        work / node.speed(),
        stepSeconds - own / node.speed());
  }

  private static LinkSpec link(JobSpec job, int from, int to) {
    NodeId a = job.nodes().get(from).id();
    NodeId b = job.nodes().get(to).id();
    return job.link(a, b)
        .orElseThrow(() -> new IllegalStateException("no link from " + a + " to " + b));
  }

  /** What a step sends between two neighbours, each way. */
  private static long crossing(JobSpec job, Placement placement, int upperTier) {
    int layer = 0;
    while (layer < job.layers().size()
        && job.tier(placement.nodeOfLayer().get(layer)) <= upperTier) {
      layer++;
    }
    return layer == job.layers().size() ? 0 : outputBytes(job, layer - 1);
  }

  /** The model's own input counts as the output of its first layer: a job does not declare it. */
  private static long outputBytes(JobSpec job, int layer) {
    return job.layers().get(Math.max(0, layer)).outputBytes();
  }
}
