package io.foresplit.recovery;

import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.ActionOutcome.Result;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.OperatorCommand;
import io.foresplit.contract.Placement;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.RecoveryAction.NotifyOperator;
import io.foresplit.contract.RecoveryPlan;
import io.foresplit.contract.RecoveryPlan.Proposer;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.recovery.JobHistory.Interval;
import io.foresplit.recovery.JournalState.Action;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Decides about recovery, for all jobs. Decisions fall on ticks and on answers of the runtime;
 * diagnoses and commands only wait for the next tick. The state of actions changes by journal
 * entries alone: the shell hands each back by {@link #committed} once it is durable, and replays
 * all of them by {@link #restore} on start.
 *
 * <p>An action survives a crash at any point: what is intended but unknown is asked from the
 * runtime by its id, after older terms have been fenced off. Not thread-safe.
 */
public final class RecoveryStage {
  private final RecoveryConfig config;
  private final Planner planner;
  private final PlanGuard guard;
  private final Verifier verifier;
  private final Map<JobId, JobState> jobs = new TreeMap<>();

  public RecoveryStage(RecoveryConfig config, PlacementPlanner placements) {
    this.config = config;
    this.planner = new Planner(config.planning(), placements);
    this.guard = new PlanGuard(config.limits());
    this.verifier = new Verifier(config, placements);
  }

  /** Replays an entry that an earlier controller wrote. */
  public void restore(JournalEntry entry, long offset) {
    job(entry.job()).journal.apply(entry, offset);
  }

  /** Applies an entry of an {@link Effect.Append} that is durable now. */
  public void committed(JournalEntry entry, long offset) {
    JobState job = job(entry.job());
    job.journal.apply(entry, offset);
    if (entry instanceof JournalEntry.LeaseTaken) {
      job.lease = JobState.Lease.TAKEN;
    }
  }

  /** Takes in a record without deciding anything: history, or a backlog. */
  public void learn(JobRecord jobRecord) {
    job(jobRecord.jobId()).learn(jobRecord);
  }

  /**
   * Takes in a diagnosis; it is decided on at the first tick after the interval of its incident, so
   * that it does not matter which of the two topics is read first.
   */
  public void learn(Diagnosis diagnosis) {
    job(diagnosis.incident().job()).learn(diagnosis);
  }

  /** Takes in an incident: once it is over, nothing is done about it any more. */
  public void learn(Incident incident) {
    job(incident.job()).learn(incident);
  }

  /** Takes in what an operator wants; it holds from the next tick. */
  public void learn(OperatorCommand command) {
    if (command instanceof OperatorCommand.SetMode change) {
      job(command.job()).mode = change.mode();
    }
  }

  /** Takes in a record and decides if it is a tick. */
  public List<Effect> on(JobRecord jobRecord) {
    learn(jobRecord);
    if (!(jobRecord instanceof IntervalTick tick)) {
      return List.of();
    }
    JobState job = job(tick.jobId());
    return switch (job.lease) {
      case NONE -> {
        job.lease = JobState.Lease.ASKED;
        yield List.of(
            new Effect.Append(
                new JournalEntry.LeaseTaken(job.id, tick.end(), config.controller())));
      }
      case TAKEN -> {
        job.lease = JobState.Lease.FENCING;
        yield List.of(new Effect.Fence(job.id, term(job)));
      }
      case ASKED, FENCING -> List.of();
      case HELD -> {
        Optional<Action> open = job.journal.open();
        List<Effect> effects =
            new ArrayList<>(open.isPresent() ? drive(job, open.get(), tick) : decide(job, tick));
        int late = job.takeLate();
        if (late > 0) {
          effects.add(new Effect.Late(job.id, late));
        }
        yield effects;
      }
    };
  }

  /** Takes in what a call to the runtime gave. */
  public List<Effect> on(RuntimeResult result) {
    JobState job = job(result.job());
    if (result instanceof RuntimeResult.Fenced fenced) {
      return onFenced(job, fenced);
    } else if (result instanceof RuntimeResult.FenceFailed failed) {
      job.lease = JobState.Lease.TAKEN;
      return List.of(new Effect.Unreachable(job.id, failed.reason()));
    }
    job.awaitsRuntime = false;
    IntervalTick tick = job.tick;
    Optional<Action> open = job.journal.open();
    if (tick == null || open.isEmpty()) {
      return List.of();
    }
    RecoveryPlan plan = open.get().current();
    if (result instanceof RuntimeResult.Answered answered
        && answered.action().equals(plan.actionId())) {
      return onAnswer(plan, tick.end(), answered.result());
    } else if (result instanceof RuntimeResult.NeverAccepted none
        && none.action().equals(plan.actionId())) {
      return onNeverAccepted(job, open.get(), tick.end());
    } else if (result instanceof RuntimeResult.Unknown unknown) {
      return List.of(new Effect.Unreachable(job.id, unknown.reason()));
    }
    return List.of();
  }

  private static List<Effect> onFenced(JobState job, RuntimeResult.Fenced fenced) {
    if (fenced.term() == term(job)) {
      job.lease = JobState.Lease.HELD;
      job.learn(fenced.topology());
    }
    return List.of();
  }

  private static List<Effect> onAnswer(RecoveryPlan plan, Instant at, MoveResult result) {
    return switch (result.state()) {
      case COMMITTED ->
          List.of(
              new Effect.Append(
                  new JournalEntry.Executed(
                      plan.job(), at, plan.actionId(), result.epoch(), result.pauseMillis())));
      case ABORTED, REFUSED -> List.of(failed(plan, at, result.state() + ": " + result.detail()));
      case IN_PROGRESS -> List.of();
    };
  }

  /** The runtime drops a second call of the same id, so calling again is safe while it is fresh. */
  private List<Effect> onNeverAccepted(JobState job, Action action, Instant now) {
    RecoveryPlan plan = action.current();
    SplitTopology topology = job.topology;
    if (topology == null || topology.epoch() != plan.epoch()) {
      return List.of(
          failed(plan, now, "never accepted, and its epoch " + plan.epoch() + " is past"));
    }
    if (Duration.between(action.since(), now).compareTo(config.resumeWithin()) > 0) {
      return List.of(failed(plan, now, "never accepted within " + config.resumeWithin()));
    }
    job.awaitsRuntime = true;
    return List.of(new Effect.CallRuntime(plan, term(job)));
  }

  private static Effect failed(RecoveryPlan plan, Instant at, String reason) {
    return new Effect.Append(new JournalEntry.Failed(plan.job(), at, plan.actionId(), reason));
  }

  /** Takes the open action one step on. */
  private List<Effect> drive(JobState job, Action action, IntervalTick tick) {
    return switch (action.state()) {
      case INTENDED -> action.isMove() ? askOnce(job, action) : told(job, action.plan(), tick);
      case UNDOING -> askOnce(job, action);
      case VERIFYING -> verify(job, action, tick);
      case REFUSED -> {
        double before = before(job, action.plan(), action.intendedAt());
        yield close(action, tick, Result.FAILED, before, before, action.failure());
      }
      case REVERTED -> closeUndo(job, action, tick, Result.UNDONE, "");
      case STUCK -> closeUndo(job, action, tick, Result.KEPT, "; undoing: " + action.failure());
      case PLANNED, HELPED, UNDONE, KEPT, FAILED, NOTIFIED ->
          throw new IllegalStateException(
              "action " + action.id() + " is not open: " + action.state());
    };
  }

  private static List<Effect> askOnce(JobState job, Action action) {
    if (job.awaitsRuntime) {
      return List.of();
    }
    job.awaitsRuntime = true;
    return List.of(new Effect.AskStatus(job.id, action.current().actionId()));
  }

  private List<Effect> verify(JobState job, Action action, IntervalTick tick) {
    SplitTopology topology = job.topology;
    if (topology == null) {
      return List.of();
    }
    Diagnosis latest = job.latest;
    Conditions assumed =
        latest == null ? topology.job().declaredConditions() : latest.incident().now();
    Judgement judgement =
        verifier.judge(action, tick, topology.job(), job.history, assumed, job.mode);
    double before = before(job, action.plan(), action.intendedAt());
    if (judgement instanceof Judgement.Helped helped) {
      return close(action, tick, Result.HELPED, before, helped.stepSeconds(), helped.detail());
    } else if (judgement instanceof Judgement.Keep keep) {
      return close(action, tick, Result.KEPT, before, keep.stepSeconds(), keep.detail());
    } else if (judgement instanceof Judgement.Undo undo) {
      job.awaitsRuntime = true;
      return List.of(
          new Effect.Append(
              new JournalEntry.UndoIntended(job.id, tick.end(), action.id(), undo.reverse())),
          new Effect.CallRuntime(undo.reverse(), term(job)));
    }
    return List.of();
  }

  private List<Effect> closeUndo(
      JobState job, Action action, IntervalTick tick, Result result, String more) {
    RecoveryPlan reverse = action.current();
    double before = before(job, action.plan(), action.intendedAt());
    double after = reverse.predictedBeforeSeconds();
    return close(action, tick, result, before, after, reverse.reason() + more);
  }

  private static List<Effect> close(
      Action action, IntervalTick tick, Result result, double before, double after, String detail) {
    return closed(
        tick.end(),
        new ActionOutcome(
            action.plan(), result, tick.interval(), action.pauseMillis(), before, after, detail));
  }

  private static List<Effect> closed(Instant at, ActionOutcome outcome) {
    RecoveryPlan plan = outcome.plan();
    return List.of(
        new Effect.Append(new JournalEntry.Closed(plan.job(), at, plan.actionId(), outcome)),
        new Effect.Publish(outcome));
  }

  private List<Effect> decide(JobState job, IntervalTick tick) {
    job.admit(tick.interval());
    Diagnosis pending = job.pending;
    SplitTopology topology = job.topology;
    if (pending == null || topology == null) {
      return List.of();
    }
    List<MoveLayers> recommended = Planner.recommended(pending);
    List<Placement> allowed = Planner.allowed(recommended, topology);
    Decision decision = decide(job, pending, topology, tick, allowed);
    if (decision instanceof Decision.Later later) {
      boolean told = later.reason().equals(job.lastReason);
      job.lastReason = later.reason();
      return told ? List.of() : List.of(declined(pending, later.reason()));
    }
    job.pending = null;
    List<Effect> effects = new ArrayList<>();
    boolean won = false;
    if (decision instanceof Decision.Act act) {
      won = act.plan().proposer() == Proposer.LANGUAGE_MODEL;
      effects.addAll(act(job, act.plan(), tick));
    } else if (decision instanceof Decision.Decline decline) {
      effects.add(declined(pending, decline.reason()));
    }
    if (!recommended.isEmpty()) {
      int refused = recommended.size() - allowed.size();
      int lost = allowed.size() - (won ? 1 : 0);
      effects.add(new Effect.Recommended(job.id, pending.incident().id(), refused, lost, won));
    }
    return effects;
  }

  private static Effect declined(Diagnosis diagnosis, String reason) {
    Incident incident = diagnosis.incident();
    return new Effect.Declined(incident.job(), incident.id(), reason);
  }

  private Decision decide(
      JobState job,
      Diagnosis diagnosis,
      SplitTopology topology,
      IntervalTick tick,
      List<Placement> recommended) {
    if (job.isOver(diagnosis.incident(), tick.interval())) {
      return new Decision.Decline("the incident is over");
    }
    Optional<Decision> veto = guard.admit(diagnosis, tick, topology, job.journal);
    if (veto.isPresent()) {
      return veto.get();
    }
    Decision decision = plan(job, diagnosis, topology, tick, recommended);
    return decision instanceof Decision.Decline && !recommended.isEmpty()
        ? plan(job, diagnosis, topology, tick, List.of())
        : decision;
  }

  private Decision plan(
      JobState job,
      Diagnosis diagnosis,
      SplitTopology topology,
      IntervalTick tick,
      List<Placement> recommended) {
    Decision decision = planner.plan(diagnosis, topology, tick.interval(), recommended);
    return decision instanceof Decision.Act act
        ? guard.permit(act.plan(), tick.end(), topology, job.journal, job.mode).orElse(act)
        : decision;
  }

  private List<Effect> act(JobState job, RecoveryPlan plan, IntervalTick tick) {
    Effect intent = new Effect.Append(new JournalEntry.Intended(job.id, tick.end(), plan));
    if (plan.action() instanceof NotifyOperator) {
      List<Effect> closing = told(job, plan, tick);
      return List.of(intent, closing.get(0), closing.get(1));
    }
    job.awaitsRuntime = true;
    return List.of(intent, new Effect.CallRuntime(plan, term(job)));
  }

  private List<Effect> told(JobState job, RecoveryPlan plan, IntervalTick tick) {
    double step = before(job, plan, tick.end());
    return closed(
        tick.end(),
        new ActionOutcome(plan, Result.NOTIFIED, tick.interval(), 0, step, step, plan.reason()));
  }

  /** Median step time until an instant; the prediction where none was measured. */
  private double before(JobState job, RecoveryPlan plan, Instant at) {
    List<Interval> window = job.history.until(at, config.verification().measuredIntervals());
    return JobHistory.median(window, JobHistory.STEP_SECONDS).orElse(plan.predictedBeforeSeconds());
  }

  private static long term(JobState job) {
    return job.journal
        .term()
        .orElseThrow(() -> new IllegalStateException("job " + job.id + " has no lease"));
  }

  private JobState job(JobId id) {
    return jobs.computeIfAbsent(id, JobState::new);
  }
}
