package io.foresplit.app.bench.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.Placement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MachineCheckTest {
  private final MachineCheck check = new MachineCheck(2);
  private JobSpec job;
  private Placement home;

  @BeforeEach
  void read() throws Exception {
    job = BenchSite.job(MovePart.JOB).job();
    home = MovePart.home(job);
  }

  /** Layers that take exactly as long as paced. */
  private List<Double> paced() {
    List<Double> seconds = new ArrayList<>();
    for (int i = 0; i < job.layers().size(); i++) {
      double speed = job.node(home.nodeOfLayer().get(i)).orElseThrow().speed();
      seconds.add(
          (job.layers().get(i).forwardSeconds() + job.layers().get(i).backwardSeconds()) / speed);
    }
    return seconds;
  }

  @Test
  void theJobIsAsItsFileSays() {
    assertThat(home.describe()).isEqualTo("device[0] edge[1-4]");
    assertThat(MachineCheck.predicted(job, home)).isCloseTo(0.124, within(0.001));
  }

  @Test
  void layersThatKeepUpAreNotLateAndOthersAreByTheirExcess() {
    List<Double> seconds = paced();
    assertThat(MachineCheck.excess(job, home, seconds)).isCloseTo(0, within(1e-9));
    seconds.replaceAll(s -> s / 2);
    assertThat(MachineCheck.excess(job, home, seconds)).isZero();
    List<Double> slow = paced();
    slow.set(1, slow.get(1) + 0.1 * MachineCheck.predicted(job, home));
    assertThat(MachineCheck.excess(job, home, slow)).isCloseTo(0.1, within(1e-9));
  }

  @Test
  void whatIsWrongIsSaid() {
    assertThat(check.problems(0.01, 0.02, 0.1)).isEmpty();
    assertThat(check.problems(0.06, 0, 0))
        .singleElement()
        .asString()
        .contains("by 6.0 % of a step");
    assertThat(check.problems(0, 0.06, 0)).singleElement().asString().startsWith("after the run");
    assertThat(check.problems(0, 0, 0.2)).singleElement().asString().contains("20.0 %");
    assertThat(check.problems(Double.NaN, 0, 0)).hasSize(1);
    assertThat(new MachineCheck(1).problems(0, 0, 0)).singleElement().asString().contains("was 1");
  }
}
