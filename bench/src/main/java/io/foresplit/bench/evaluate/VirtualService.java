package io.foresplit.bench.evaluate;

import io.foresplit.collector.CatchUp;
import io.foresplit.collector.CollectorEvent;
import io.foresplit.collector.JobCollector;
import io.foresplit.collector.RawReport;
import io.foresplit.contract.ActionId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.RecoveryPlan;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.diagnoser.DiagnosisStage;
import io.foresplit.forecaster.ForecastEvent;
import io.foresplit.forecaster.JobState;
import io.foresplit.recovery.Effect;
import io.foresplit.recovery.RecoveryStage;
import io.foresplit.recovery.RuntimeResult;
import io.foresplit.runtime.sim.SimulatedInterval;
import io.foresplit.runtime.sim.SimulatedRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The service for one job in virtual time: collector, forecaster, diagnoser and recovery, the very
 * classes that run on Kafka, fed in the order in which topics would have it. Reports arrive a
 * moment after the end of their interval; an answer of the runtime is known before the next
 * interval is. Not thread-safe.
 */
public final class VirtualService {
  /** The offset of the first lease in the journal, and so the term of its holder. */
  public static final long TERM = 1;

  private static final long LAG_MILLIS = 10;
  private static final byte[] NO_EXCERPT = new byte[0];

  private final Stages stages;
  private final JobId job;
  private final SimulatedRuntime runtime;
  private final Listener listener;
  private final JobCollector collector;
  private final JobState forecasts;
  private final DiagnosisStage diagnoser;
  private final RecoveryStage recovery;
  private final Deque<RuntimeResult> answers = new ArrayDeque<>();
  private @Nullable ActionId awaited;
  private long checkedMillis;
  private long reportOffset;
  private long journalOffset = TERM;

  /** Told of all that is decided, in order. */
  public interface Listener {
    /** The next record of the job's log, before anybody decides on it. */
    default void logged(JobRecord entry) {}

    default void incident(Incident incident) {}

    default void diagnosed(Diagnosis diagnosis) {}

    /** An entry of the action journal, once it is durable. */
    default void journaled(JournalEntry entry) {}
  }

  /**
   * @param start when training begins
   */
  public VirtualService(
      Stages stages, JobId job, Instant start, SimulatedRuntime runtime, Listener listener) {
    this.stages = stages;
    this.job = job;
    this.runtime = runtime;
    this.listener = listener;
    checkedMillis = start.toEpochMilli();
    collector =
        new JobCollector(stages.collector(), new CatchUp(stages.collector(), checkedMillis));
    forecasts = stages.forecaster().newState();
    diagnoser = new DiagnosisStage(stages.diagnoser(), stages.planner(), stages.learning());
    recovery = new RecoveryStage(stages.recovery(), stages.planning());
  }

  /** Takes in what a job said in one interval, and does what follows from it. */
  public void onInterval(SimulatedInterval interval) {
    takeAnswer();
    long arrival = interval.end().toEpochMilli() + LAG_MILLIS;
    checkUntil(interval.end().toEpochMilli());
    for (SplitTopology topology : interval.announced()) {
      take(collector.onTopology(topology, 0, reportOffset++, NO_EXCERPT));
    }
    for (SegmentReport report : interval.reports()) {
      take(
          collector.onReport(
              new RawReport(report, 0, reportOffset++, arrival, NO_EXCERPT), arrival));
    }
    take(collector.onTime(arrival));
    checkedMillis = arrival;
  }

  /** The collector looks for due intervals as often as it does in the service, when it matters. */
  private void checkUntil(long millis) {
    long every = stages.collector().checkEvery().toMillis();
    SplitTopology topology = collector.topology();
    if (topology != null) {
      long length = topology.job().interval().toMillis();
      boolean isOpen = collector.ledger().closed() < checkedMillis / length - 1;
      for (long now = checkedMillis + every; isOpen && now <= millis; now += every) {
        take(collector.onTime(now));
        isOpen = collector.ledger().closed() < checkedMillis / length - 1;
      }
    }
  }

  private void take(List<CollectorEvent> events) {
    for (CollectorEvent event : events) {
      if (event instanceof CollectorEvent.Emitted emitted) {
        onLog(emitted.record());
      } else if (event instanceof CollectorEvent.Rejected rejected) {
        throw new IllegalStateException(
            "a simulated report was rejected: " + rejected.rejection().reason());
      }
    }
  }

  private void onLog(JobRecord entry) {
    listener.logged(entry);
    carryOut(recovery.on(entry));
    diagnoser.on(entry).forEach(this::onDiagnosis);
    for (ForecastEvent event : stages.forecaster().on(forecasts, entry)) {
      if (event instanceof ForecastEvent.IncidentChanged changed) {
        listener.incident(changed.incident());
        recovery.learn(changed.incident());
        diagnoser.on(changed.incident()).forEach(this::onDiagnosis);
      }
    }
  }

  private void onDiagnosis(Diagnosis made) {
    Diagnosis diagnosis = stages.diagnosed().apply(made);
    listener.diagnosed(diagnosis);
    recovery.learn(diagnosis);
  }

  private void takeAnswer() {
    if (awaited != null) {
      answer(awaited, status(awaited));
    }
  }

  private void answer(ActionId action, MoveResult result) {
    awaited = result.state() == State.IN_PROGRESS ? action : null;
    if (awaited == null) {
      answers.add(new RuntimeResult.Answered(job, action, result));
      decideOnAnswers();
    }
  }

  private void decideOnAnswers() {
    while (!answers.isEmpty()) {
      carryOut(recovery.on(answers.remove()));
    }
  }

  private void carryOut(List<Effect> effects) {
    for (Effect effect : effects) {
      if (effect instanceof Effect.Append append) {
        recovery.committed(append.entry(), journalOffset++);
        listener.journaled(append.entry());
      }
    }
    for (Effect effect : effects) {
      try {
        call(effect);
      } catch (IOException e) {
        throw new UncheckedIOException("the simulated runtime refused a call", e);
      }
    }
  }

  private void call(Effect effect) throws IOException {
    if (effect instanceof Effect.Fence fence) {
      runtime.fence(job, fence.term());
      answers.add(new RuntimeResult.Fenced(job, fence.term(), runtime.topology(job)));
      decideOnAnswers();
    } else if (effect instanceof Effect.CallRuntime call) {
      RecoveryPlan plan = call.plan();
      MoveLayers move = (MoveLayers) plan.action();
      answer(
          plan.actionId(),
          runtime.begin(job, plan.actionId(), call.term(), plan.epoch(), move.to()));
    } else if (effect instanceof Effect.AskStatus question) {
      answer(question.action(), status(question.action()));
    }
  }

  private MoveResult status(ActionId action) {
    try {
      return runtime
          .status(job, action)
          .orElseThrow(
              () -> new IllegalStateException("action " + action + " was begun and is not known"));
    } catch (IOException e) {
      throw new UncheckedIOException("the simulated runtime refused a call", e);
    }
  }
}
