package io.foresplit.recovery;

import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.OperatorCommand;
import io.foresplit.contract.Placement;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.RecoveryPlan;
import io.foresplit.contract.SegmentMetrics;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.LongFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * The stage with a training job around it, in virtual time and one thread. The lists {@link
 * #journal} and {@link #log} are what survives a crash; {@link #crashAt} says at which of the
 * counted points the service dies.
 */
final class Loop {
  private static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  final List<JournalEntry> journal = new ArrayList<>();
  final List<Object> log = new ArrayList<>();
  final List<String> declined = new ArrayList<>();
  final List<Effect.Recommended> recommended = new ArrayList<>();
  int late;
  final FakeRuntime runtime;
  LongFunction<Conditions> conditions = interval -> TestJob.HEALTHY;

  /** Slowness of a placement that no planner knows. */
  ToDoubleFunction<Placement> surprise = placement -> 1.0;

  IntPredicate crashAt = point -> false;
  int points;
  int crashes;
  long interval;

  private final RecoveryConfig config;
  private final StepTimePlanner planner = new StepTimePlanner();
  private final Deque<RuntimeResult> results = new ArrayDeque<>();
  private RecoveryStage stage;
  private long loggedEpoch = -1;

  Loop(RecoveryConfig config, FakeRuntime runtime) {
    this.config = config;
    this.runtime = runtime;
    this.stage = new RecoveryStage(config, planner);
  }

  static Loop healthy() {
    return new Loop(
        RecoveryConfig.defaults(), new FakeRuntime(TestJob.topology(0, TestJob.INITIAL)));
  }

  Loop tell(Diagnosis diagnosis) {
    log.add(diagnosis);
    stage.learn(diagnosis);
    return this;
  }

  Loop tell(Incident incident) {
    log.add(incident);
    stage.learn(incident);
    return this;
  }

  Loop tell(OperatorCommand command) {
    log.add(command);
    stage.learn(command);
    return this;
  }

  /** A sure uplink fade, as known at the current interval. */
  Loop tellFade(int revision, Conditions expected) {
    return tell(TestJob.fade(interval, revision, conditions.apply(interval), expected));
  }

  Loop run(int intervals) {
    for (int i = 0; i < intervals; i++) {
      step();
    }
    return this;
  }

  private void step() {
    List<JobRecord> records = new ArrayList<>();
    if (runtime.topology().epoch() != loggedEpoch) {
      loggedEpoch = runtime.topology().epoch();
      records.add(runtime.topology());
    }
    records.add(metrics());
    records.add(TestJob.tick(interval, loggedEpoch));
    for (JobRecord each : records) {
      log.add(each);
      survive(() -> carryOut(stage.on(each)));
    }
    for (int due = results.size(); due > 0 && !results.isEmpty(); due--) {
      RuntimeResult result = results.remove();
      survive(() -> carryOut(stage.on(result)));
    }
    interval++;
  }

  private SegmentMetrics metrics() {
    Conditions now = conditions.apply(interval);
    Placement placement = runtime.topology().placement();
    double step = planner.predict(TestJob.SPEC, placement, now) * surprise.applyAsDouble(placement);
    List<MetricSample> samples = new ArrayList<>();
    samples.add(new MetricSample(ComponentId.JOB, Metric.STEP_SECONDS, step));
    now.links()
        .forEach(
            (link, condition) -> {
              LinkCondition c = condition;
              samples.add(new MetricSample(link, Metric.LINK_RATE, c.bytesPerSecond()));
              samples.add(new MetricSample(link, Metric.LINK_DELAY_SECONDS, c.delaySeconds()));
            });
    return new SegmentMetrics(TestJob.ID, TestJob.DEVICE, loggedEpoch, interval, 0, samples);
  }

  private void survive(Runnable input) {
    try {
      input.run();
    } catch (Crash crash) {
      restart();
    }
  }

  /** A new service: all it knows is the journal and the log. */
  void restart() {
    crashes++;
    results.clear();
    stage = new RecoveryStage(config, planner);
    for (int offset = 0; offset < journal.size(); offset++) {
      stage.restore(journal.get(offset), offset);
    }
    for (Object each : log) {
      if (each instanceof JobRecord jobRecord) {
        stage.learn(jobRecord);
      } else if (each instanceof Diagnosis diagnosis) {
        stage.learn(diagnosis);
      } else if (each instanceof Incident incident) {
        stage.learn(incident);
      } else {
        stage.learn((OperatorCommand) each);
      }
    }
  }

  private void carryOut(List<Effect> effects) {
    for (Effect effect : effects) {
      if (effect instanceof Effect.Append append) {
        point();
        journal.add(append.entry());
        point();
        stage.committed(append.entry(), journal.size() - 1L);
      }
    }
    for (Effect effect : effects) {
      try {
        call(effect);
      } catch (IOException failure) {
        throw new AssertionError(failure);
      }
    }
  }

  private void call(Effect effect) throws IOException {
    if (effect instanceof Effect.Declined no) {
      declined.add(no.reason());
    } else if (effect instanceof Effect.Recommended moves) {
      recommended.add(moves);
    } else if (effect instanceof Effect.Late none) {
      late += none.moves();
    } else if (effect instanceof Effect.Fence fence) {
      point();
      results.add(fenced(fence));
    } else if (effect instanceof Effect.CallRuntime call) {
      point();
      results.add(moved(call));
      point();
    } else if (effect instanceof Effect.AskStatus ask) {
      results.add(asked(ask));
      point();
    }
  }

  private RuntimeResult fenced(Effect.Fence fence) {
    try {
      runtime.fence(fence.job(), fence.term());
      return new RuntimeResult.Fenced(fence.job(), fence.term(), runtime.topology(fence.job()));
    } catch (IOException failure) {
      return new RuntimeResult.FenceFailed(fence.job(), failure.getMessage());
    }
  }

  private RuntimeResult moved(Effect.CallRuntime call) {
    Placement to = ((MoveLayers) call.plan().action()).to();
    try {
      return new RuntimeResult.Answered(
          call.job(),
          call.plan().actionId(),
          runtime.move(call.job(), call.plan().actionId(), call.term(), call.plan().epoch(), to));
    } catch (IOException failure) {
      return new RuntimeResult.Unknown(call.job(), call.plan().actionId(), failure.getMessage());
    }
  }

  private RuntimeResult asked(Effect.AskStatus ask) {
    try {
      return runtime
          .status(ask.job(), ask.action())
          .<RuntimeResult>map(r -> new RuntimeResult.Answered(ask.job(), ask.action(), r))
          .orElseGet(() -> new RuntimeResult.NeverAccepted(ask.job(), ask.action()));
    } catch (IOException failure) {
      return new RuntimeResult.Unknown(ask.job(), ask.action(), failure.getMessage());
    }
  }

  private void point() {
    if (crashAt.test(points++)) {
      throw new Crash();
    }
  }

  <T extends JournalEntry> Stream<T> entries(Class<T> type) {
    return journal.stream().filter(type::isInstance).map(type::cast);
  }

  /** What was planned, in the order of the intents. */
  List<RecoveryPlan> plans() {
    return entries(JournalEntry.Intended.class).map(JournalEntry.Intended::plan).toList();
  }

  List<ActionOutcome> outcomes() {
    return entries(JournalEntry.Closed.class).map(JournalEntry.Closed::outcome).toList();
  }

  List<ActionOutcome.Result> ends() {
    return outcomes().stream().map(ActionOutcome::result).toList();
  }
}
