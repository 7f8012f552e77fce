package io.foresplit.forecaster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.ForecastPace;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SeriesKey;
import io.foresplit.forecaster.SimulatedJob.Fault;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The stage over simulated jobs; a failing seed is in the message. */
@Execution(ExecutionMode.CONCURRENT)
class ForecastStageTest {
  private static final Logger LOG = LoggerFactory.getLogger(ForecastStageTest.class);
  private static final int ONSET = 80;
  private static final int SEEDS = 20;
  private static final int HOUR_TICKS = 7200;

  private final ModelPlanner planner = new ModelPlanner();
  private final ForecastStage stage = new ForecastStage(ForecasterConfig.defaults(), planner);

  @ParameterizedTest
  @EnumSource(names = {"UPLINK_FADE", "SLOWDOWN"})
  void a_fault_that_ramps_in_is_alarmed_well_before_the_breach(Fault fault) {
    List<Double> leads = new ArrayList<>();
    List<Long> onsets = new ArrayList<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      Run run = new Run(new SimulatedJob(fault, ONSET, seed));
      long crossed = -1;
      for (int tick = 0; tick < ONSET + 70 && (crossed < 0 || run.incidents.isEmpty()); tick++) {
        run.tick();
        if (crossed < 0 && run.job.trueStepSeconds() > run.bound()) {
          crossed = run.job.interval();
        }
      }
      assertThat(run.incidents).as("incidents of seed %s", seed).isNotEmpty();
      Incident opened = run.incidents.get(0);
      assertThat(opened.risks())
          .extracting(BreachRisk::objective)
          .containsExactly(SimulatedJob.STEP);
      long until = crossed < 0 ? ONSET + 70 + SimulatedJob.FIRST : crossed;
      leads.add((until - opened.interval()) * SimulatedJob.TICK_SECONDS);
      onsets.add(opened.onsetInterval() - SimulatedJob.FIRST - ONSET);
    }
    leads.sort(null);
    onsets.sort(null);
    LOG.info(
        "{}: lead median {} s, least {} s; onset off by {} ticks in the median",
        fault,
        leads.get(SEEDS / 2),
        leads.get(0),
        onsets.get(SEEDS / 2));
    assertThat(leads.stream().filter(lead -> lead > 0).count()).isGreaterThanOrEqualTo(19);
    assertThat(leads.get(SEEDS / 2)).isGreaterThanOrEqualTo(5);
    assertThat(onsets.get(SEEDS / 2)).isBetween(-6L, 6L);
  }

  @Test
  void a_healthy_job_has_no_incident_not_even_when_it_is_moved() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Run run = new Run(new SimulatedJob(Fault.NONE, ONSET, seed));
      run.ticks(450);
      Placement other = Placement.ofCuts(nodes(), 7, List.of(3, 5));
      run.record(run.job.move(other));
      run.ticks(150);
      assertThat(run.incidents).as("incidents of seed %s", seed).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"UPLINK_FADE", "SLOWDOWN"})
  void one_fault_is_one_incident_that_ends_settled_though_the_job_moves_under_it(Fault fault) {
    for (int seed = 0; seed < SEEDS / 3; seed++) {
      Run run = new Run(new SimulatedJob(fault, ONSET, seed));
      while (run.incidents.isEmpty()) {
        run.tick();
      }
      run.ticks(6);
      Conditions expected = run.last().expected();
      run.record(run.job.move(planner.best(run.job.job(), expected)));
      run.ticks(250);

      assertThat(run.incidents)
          .extracting(Incident::id)
          .as("seed %s", seed)
          .containsOnly(run.incidents.get(0).id());
      assertThat(run.incidents.get(0).phase()).isEqualTo(Incident.Phase.OPEN);
      assertThat(run.last().phase()).as("seed %s", seed).isEqualTo(Incident.Phase.RESOLVED);
      assertThat(run.incidents.size()).as("records of seed %s", seed).isLessThan(14);
      Incident beforeLast = run.incidents.get(run.incidents.size() - 2);
      assertThat(beforeLast.phase()).isEqualTo(Incident.Phase.UPDATED);
      assertThat(beforeLast.epoch()).isEqualTo(1);
      assertThat(planner.best(run.job.job(), beforeLast.expected()))
          .as("the plan for settled conditions, seed %s", seed)
          .satisfies(
              plan ->
                  assertThat(planner.predict(run.job.job(), plan, run.job.trueConditions()))
                      .isLessThan(
                          1.1
                              * planner.predict(
                                  run.job.job(),
                                  planner.best(run.job.job(), run.job.trueConditions()),
                                  run.job.trueConditions())));
      for (int i = 1; i < run.incidents.size(); i++) {
        assertThat(run.incidents.get(i).interval() - run.incidents.get(i - 1).interval())
            .isGreaterThanOrEqualTo(8);
      }
    }
  }

  @Test
  void an_expected_rate_stays_within_a_factor_of_the_present_one() {
    Run run = new Run(new SimulatedJob(Fault.UPLINK_FADE, ONSET, 3));
    run.ticks(ONSET + 100);
    SeriesKey uplink =
        new SeriesKey(ComponentId.link(SimulatedJob.DEVICE, SimulatedJob.EDGE), Metric.LINK_RATE);
    assertThat(run.incidents)
        .isNotEmpty()
        .allSatisfy(
            incident -> {
              double now = incident.now().of(uplink);
              double expected = incident.expected().of(uplink);
              assertThat(expected).isBetween(now / 4.001, 5e6 * 1.5);
            });
    Incident opened = run.incidents.get(0);
    assertThat(opened.expected().of(uplink)).isLessThan(0.7 * opened.now().of(uplink));
  }

  @Test
  void label_drift_is_alarmed_around_the_crossing_and_blames_no_condition() {
    int inTime = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      Run run = new Run(new SimulatedJob(Fault.LABEL_DRIFT, ONSET, seed));
      long crossed = -1;
      while (run.incidents.isEmpty() && run.job.interval() < SimulatedJob.FIRST + 200) {
        run.tick();
        if (crossed < 0 && run.job.trueLoss() > 1.5) {
          crossed = run.job.interval();
        }
      }
      assertThat(run.incidents).as("incidents of seed %s", seed).isNotEmpty();
      assertThat(run.last().risks())
          .extracting(BreachRisk::objective)
          .containsExactly(SimulatedJob.LOSS);
      if (crossed < 0 || run.last().interval() <= crossed + 4) {
        inTime++;
      }
    }
    assertThat(inTime).isGreaterThanOrEqualTo(19);
  }

  @ParameterizedTest
  @EnumSource(names = {"UPLINK_FADE", "LABEL_DRIFT"})
  void what_degrades_within_an_hour_does_not_become_normal(Fault fault) {
    for (int seed = 0; seed < 3; seed++) {
      Run run = new Run(new SimulatedJob(fault, ONSET, HOUR_TICKS, seed));
      while (run.incidents.isEmpty() && run.job.interval() < SimulatedJob.FIRST + HOUR_TICKS) {
        run.tick();
      }
      assertThat(run.incidents).as("incidents of seed %s", seed).isNotEmpty();
      assertThat(run.job.trueStepSeconds()).as("seed %s", seed).isLessThan(run.bound());
      assertThat(run.job.trueLoss()).as("seed %s", seed).isLessThan(1.7);
    }
  }

  @Test
  void what_is_healthy_is_rescaled_to_a_new_cut_and_not_learnt_from_what_degrades_there() {
    SeriesKey steps = new SeriesKey(ComponentId.JOB, Metric.STEP_SECONDS);
    for (int seed = 0; seed < 3; seed++) {
      Run run = new Run(new SimulatedJob(Fault.SLOWDOWN, ONSET, HOUR_TICKS, seed));
      run.ticks(ONSET + 200);
      assertThat(run.incidents).as("incidents of seed %s", seed).isEmpty();
      double before = run.state.model(steps).healthy().center();
      Conditions healthy = run.job.job().declaredConditions();
      Placement from = run.job.topology().placement();
      Placement to = Placement.ofCuts(nodes(), 7, List.of(3, 5));
      run.record(run.job.move(to));

      double change = run.state.model(steps).healthy().center() - before;
      double predicted =
          Math.log(
              planner.predict(run.job.job(), to, healthy)
                  / planner.predict(run.job.job(), from, healthy));
      assertThat(change).as("seed %s", seed).isCloseTo(predicted, within(0.1));
      while (run.incidents.isEmpty() && run.job.interval() < SimulatedJob.FIRST + HOUR_TICKS) {
        run.tick();
      }
      assertThat(run.incidents).as("incidents of seed %s", seed).isNotEmpty();
      assertThat(run.state.model(steps).healthy().center())
          .as("seed %s", seed)
          .isLessThan(before + change + 1e-9);
      assertThat(run.job.trueStepSeconds()).as("seed %s", seed).isLessThan(run.bound());
    }
  }

  @Test
  void a_node_that_reports_again_is_not_alarmed_again() {
    for (int silent = 2; silent < 60; silent += 14) {
      Run run = new Run(new SimulatedJob(Fault.EDGE_LOST, ONSET, 1));
      run.ticks(ONSET + 1 + silent);
      assertThat(run.incidents).as("silent for %s ticks", silent).hasSizeGreaterThanOrEqualTo(1);
      run.job.heal();
      run.ticks(300);
      assertThat(run.incidents.stream().filter(i -> i.phase() == Incident.Phase.OPEN))
          .as("silent for %s ticks", silent)
          .hasSize(1);
      assertThat(run.last().phase()).isEqualTo(Incident.Phase.RESOLVED);
    }
  }

  @Test
  void a_node_silent_for_two_ticks_is_an_incident_without_risks() {
    Run run = new Run(new SimulatedJob(Fault.EDGE_LOST, ONSET, 1));
    run.ticks(ONSET + 2);
    assertThat(run.incidents).isEmpty();
    run.tick();
    assertThat(run.incidents).hasSize(1);
    assertThat(run.last().silent()).containsExactly(SimulatedJob.EDGE);
    assertThat(run.last().risks()).isEmpty();
    assertThat(run.last().onsetInterval()).isEqualTo(SimulatedJob.FIRST + ONSET + 1L);
  }

  @Test
  void training_that_stands_still_is_an_incident_though_all_nodes_report() {
    Run run = new Run(new SimulatedJob(Fault.STANDSTILL, ONSET, 1));
    run.ticks(ONSET);
    assertThat(run.incidents).isEmpty();
    int intervals = 0;
    while (run.incidents.isEmpty() && intervals < 10) {
      run.tick();
      intervals++;
    }
    int longest = (int) Math.ceil(run.bound() / 0.5);
    assertThat(intervals).isBetween(2, Math.max(2, longest) + 1);
    assertThat(run.last().silent()).isEmpty();
    assertThat(run.last().risks()).extracting(BreachRisk::current).allMatch(c -> c > run.bound());
    assertThat(run.last().onsetInterval())
        .isBetween(SimulatedJob.FIRST + (long) ONSET, SimulatedJob.FIRST + ONSET + 2L);

    run.ticks(60);
    assertThat(run.incidents.stream().filter(i -> i.phase() == Incident.Phase.OPEN)).hasSize(1);
    assertThat(run.last().phase()).isNotEqualTo(Incident.Phase.RESOLVED);
  }

  @Test
  void nothing_is_forecast_below_twelve_values_and_nothing_alarmed_while_warming_up() {
    Run run = new Run(new SimulatedJob(Fault.EDGE_LOST, 0, 1));
    run.ticks(11);
    assertThat(run.forecasts).isZero();
    run.ticks(13);
    assertThat(run.forecasts).isPositive();
    assertThat(run.incidents).isEmpty();
    run.tick();
    assertThat(run.incidents).hasSize(1);
  }

  @Test
  void calm_series_are_forecast_once_in_eight_intervals_and_more_rarely_as_recorded() {
    Run usual = new Run(new SimulatedJob(Fault.NONE, 0, 1));
    Run rare = new Run(new SimulatedJob(Fault.NONE, 0, 1));
    usual.ticks(100);
    rare.ticks(100);
    int before = usual.forecasts;
    rare.record(new ForecastPace(rare.job.job().id(), 100, 32));
    usual.ticks(320);
    rare.ticks(320);

    int series = ConditionSeries.of(usual.job.job()).size();
    assertThat(usual.forecasts - before).isLessThan(320 * series / 2);
    assertThat(rare.forecasts).isLessThan(usual.forecasts - series * 320 / 50);
    assertThat(rare.incidents).isEmpty();
  }

  @Test
  void how_well_forecasts_are_calibrated_is_measured() {
    Run run = new Run(new SimulatedJob(Fault.NONE, 0, 1));
    run.ticks(640);
    assertThat(run.coverage).hasSize(10);
    List<Double> last = run.coverage.get(9);
    assertThat(last).hasSize(Quantiles.LEVELS.size()).isSorted();
    for (int level = 0; level < last.size(); level++) {
      assertThat(last.get(level)).isCloseTo(Quantiles.LEVELS.get(level), within(0.15));
    }
  }

  @Test
  void a_closed_interval_is_not_judged_again() {
    Run run = new Run(new SimulatedJob(Fault.NONE, 0, 1));
    run.ticks(30);
    List<JobRecord> records = run.job.next();
    records.forEach(run::record);
    int made = run.forecasts;
    records.forEach(run::record);
    assertThat(run.forecasts).isEqualTo(made);
  }

  private static List<NodeId> nodes() {
    return List.of(SimulatedJob.DEVICE, SimulatedJob.EDGE, SimulatedJob.CLOUD);
  }

  /** A job going through the stage. */
  private final class Run {
    private final SimulatedJob job;
    private final JobState state = stage.newState();
    private final List<Incident> incidents = new ArrayList<>();
    private final List<List<Double>> coverage = new ArrayList<>();
    private int forecasts;

    Run(SimulatedJob job) {
      this.job = job;
      record(job.topology());
    }

    void record(JobRecord record) {
      for (ForecastEvent event : stage.on(state, record)) {
        if (event instanceof ForecastEvent.IncidentChanged changed) {
          incidents.add(changed.incident());
        } else if (event instanceof ForecastEvent.ForecastMade) {
          forecasts++;
        } else if (event instanceof ForecastEvent.CoverageMeasured measured) {
          coverage.add(measured.below());
        }
      }
    }

    void tick() {
      job.next().forEach(this::record);
    }

    void ticks(int count) {
      for (int i = 0; i < count; i++) {
        tick();
      }
    }

    Incident last() {
      return incidents.get(incidents.size() - 1);
    }

    double bound() {
      return job.job().objectives().get(0).bound();
    }
  }
}
