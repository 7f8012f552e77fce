package io.foresplit.runtime.sim;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.fault.DemoJob;
import io.foresplit.runtime.plan.CutPlanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The demo's job in virtual time, without noise, and how its reports are read. */
final class ExactDemo {
  static final JobSpec JOB = DemoJob.JOB;
  static final ComponentId UP = ComponentId.link(DemoJob.DEVICE, DemoJob.EDGE);
  static final ComponentId EDGE = ComponentId.of(DemoJob.EDGE);
  static final Placement INITIAL = cuts(1, 3);
  static final double PREDICTED = new CutPlanner().predict(JOB, INITIAL, JOB.declaredConditions());

  static Placement cuts(int first, int second) {
    return Placement.ofCuts(
        List.of(DemoJob.DEVICE, DemoJob.EDGE, DemoJob.CLOUD), 5, List.of(first, second));
  }

  /** Links as declared, no overhead and no noise. */
  static Simulation exact() {
    return Simulation.of(JOB, INITIAL, 1).withTraces(Map.of()).withMachine(Machine.exact());
  }

  static List<SimulatedInterval> intervals(SimulatedRuntime runtime, int count) {
    List<SimulatedInterval> intervals = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      intervals.add(runtime.nextInterval());
    }
    return intervals;
  }

  /** Mean of a series over the intervals that have it. */
  static double mean(List<SimulatedInterval> of, ComponentId component, Metric metric) {
    return of.stream()
        .flatMap(interval -> interval.reports().stream())
        .flatMap(report -> report.samples().stream())
        .filter(s -> s.component().equals(component) && s.metric() == metric)
        .mapToDouble(MetricSample::value)
        .average()
        .orElse(Double.NaN);
  }

  private ExactDemo() {}
}
