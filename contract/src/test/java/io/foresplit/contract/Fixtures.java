package io.foresplit.contract;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A ready job for tests of every stage. */
public final class Fixtures {
  public static final JobId JOB = new JobId("demo");
  public static final NodeId DEVICE = new NodeId("device");
  public static final NodeId EDGE = new NodeId("edge");
  public static final NodeId CLOUD = new NodeId("cloud");
  public static final ComponentId UPLINK = ComponentId.link(DEVICE, EDGE);

  private Fixtures() {}

  /** A LeNet of seven layers on device, edge and cloud, batches of 32, intervals of 0.5 s. */
  public static JobSpec lenetJob() {
    return new JobSpec(
        JOB,
        "lenet",
        32,
        Duration.ofMillis(500),
        List.of(
            layer("conv1", .0075, 602_112, 624),
            layer("pool1", .0002, 150_528, 0),
            layer("conv2", .0154, 204_800, 9_664),
            layer("pool2", .0002, 51_200, 0),
            layer("fc1", .0031, 15_360, 192_480),
            layer("fc2", .00065, 10_752, 40_656),
            layer("fc3", .00005, 1_280, 3_400)),
        List.of(new NodeSpec(DEVICE, .6), new NodeSpec(EDGE, 2), new NodeSpec(CLOUD, 8)),
        links(),
        DEVICE,
        List.of(EDGE, CLOUD),
        1,
        List.of(
            new Objective(
                new ObjectiveId("step-time"),
                Metric.STEP_SECONDS,
                .35,
                Duration.ofSeconds(3),
                Severity.CRITICAL),
            new Objective(
                new ObjectiveId("loss"),
                Metric.LOSS,
                1.5,
                Duration.ofSeconds(3),
                Severity.WARNING)));
  }

  /** The same job with other software on a node. */
  public static JobSpec versioned(JobSpec job, NodeId node, String version) {
    return new JobSpec(
        job.id(),
        job.model(),
        job.batchSize(),
        job.interval(),
        job.layers(),
        job.nodes().stream()
            .map(n -> n.id().equals(node) ? new NodeSpec(n.id(), n.speed(), version) : n)
            .toList(),
        job.links(),
        job.dataOwner(),
        job.labelHolders(),
        job.minOwnerLayers(),
        job.objectives(),
        job.scheme());
  }

  /** {@code device[0-1] edge[2-3] cloud[4-6]}. */
  public static Placement placement() {
    return Placement.ofCuts(List.of(DEVICE, EDGE, CLOUD), 7, List.of(2, 4));
  }

  /** The job at epoch 0. */
  public static SplitTopology topology() {
    return topology(0);
  }

  public static SplitTopology topology(long epoch) {
    return new SplitTopology(lenetJob(), epoch, placement(), Instant.parse("2026-01-01T00:00:00Z"));
  }

  private static LayerProfile layer(
      String name, double forward, long outputBytes, long parameterBytes) {
    return new LayerProfile(name, forward, 2 * forward, outputBytes, parameterBytes);
  }

  private static List<LinkSpec> links() {
    List<LinkSpec> links = new ArrayList<>();
    addBoth(links, DEVICE, EDGE, 5e6, .005);
    addBoth(links, EDGE, CLOUD, 12.5e6, .015);
    return links;
  }

  private static void addBoth(
      List<LinkSpec> links, NodeId a, NodeId b, double bytesPerSecond, double delaySeconds) {
    links.add(new LinkSpec(a, b, bytesPerSecond, delaySeconds));
    links.add(new LinkSpec(b, a, bytesPerSecond, delaySeconds));
  }
}
