package io.foresplit.runtime.fault;

import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Objective;
import io.foresplit.contract.ObjectiveId;
import io.foresplit.contract.Severity;
import java.time.Duration;
import java.util.List;

/** The demo's job as its job file declares it, with the LeNet profile of a batch of 32. */
public final class DemoJob {
  public static final NodeId DEVICE = new NodeId("device");
  public static final NodeId EDGE = new NodeId("edge");
  public static final NodeId CLOUD = new NodeId("cloud");

  public static final Objective STEP_TIME =
      new Objective(
          new ObjectiveId("step-time"),
          Metric.STEP_SECONDS,
          0.28,
          Duration.ofSeconds(3),
          Severity.CRITICAL);

  private static final Objective LOSS =
      new Objective(
          new ObjectiveId("loss"), Metric.LOSS, 1.4, Duration.ofSeconds(3), Severity.WARNING);

  private static final double MBIT = 125_000;

  public static final JobSpec JOB = withObjectives(List.of(STEP_TIME, LOSS));

  static JobSpec withObjectives(List<Objective> objectives) {
    return new JobSpec(
        new JobId("demo"),
        "lenet",
        32,
        Duration.ofMillis(500),
        List.of(
            new LayerProfile("conv1", 0.0075, 0.015, 150_528, 624),
            new LayerProfile("conv2", 0.0154, 0.031, 51_200, 9_664),
            new LayerProfile("fc1", 0.0031, 0.0061, 15_360, 192_480),
            new LayerProfile("fc2", 0.00065, 0.0013, 10_752, 40_656),
            new LayerProfile("fc3", 0.00005, 0.0001, 1_280, 3_400)),
        List.of(new NodeSpec(DEVICE, 0.5), new NodeSpec(EDGE, 0.8), new NodeSpec(CLOUD, 1.5)),
        List.of(
            new LinkSpec(DEVICE, EDGE, 50 * MBIT, 0.002),
            new LinkSpec(EDGE, DEVICE, 100 * MBIT, 0.002),
            new LinkSpec(EDGE, CLOUD, 40 * MBIT, 0.005),
            new LinkSpec(CLOUD, EDGE, 80 * MBIT, 0.005)),
        DEVICE,
        List.of(EDGE, CLOUD),
        1,
        objectives);
  }

  private DemoJob() {}
}
