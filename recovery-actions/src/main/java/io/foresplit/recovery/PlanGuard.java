package io.foresplit.recovery;

import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.OperatorCommand.Mode;
import io.foresplit.contract.Placement;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.RecoveryAction.NotifyOperator;
import io.foresplit.contract.RecoveryPlan;
import io.foresplit.contract.SplitTopology;
import io.foresplit.recovery.JournalState.Action;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The hard limits: each may veto, none may be outvoted. Pure and thread-safe. */
final class PlanGuard {
  private static final Duration HOUR = Duration.ofHours(1);

  private final RecoveryConfig.Limits limits;

  PlanGuard(RecoveryConfig.Limits limits) {
    this.limits = limits;
  }

  /** What speaks against planning from a diagnosis at a tick; empty if nothing does. */
  Optional<Decision> admit(
      Diagnosis diagnosis, IntervalTick tick, SplitTopology topology, JournalState journal) {
    Duration age = tick.length().multipliedBy(tick.interval() - diagnosis.incident().interval());
    Optional<RankedCause> top = diagnosis.top();
    if (age.compareTo(limits.maxDiagnosisAge()) > 0) {
      return decline("the diagnosis is " + age + " old, at most " + limits.maxDiagnosisAge());
    }
    if (top.isEmpty()) {
      return decline("the diagnosis abstained");
    }
    if (top.get().probability() < limits.minProbability()) {
      return decline(
          String.format(
              Locale.ROOT,
              "the top cause %s has probability %.2f, at least %.2f is needed",
              top.get().cause().label(),
              top.get().probability(),
              limits.minProbability()));
    }
    if (journal.contains(Planner.actionId(diagnosis))) {
      return decline("the diagnosis was acted on before");
    }
    if (journal.open().isPresent()) {
      return later("action " + journal.open().get().id() + " is still open");
    }
    if (tick.epoch() != topology.epoch() || diagnosis.incident().epoch() > topology.epoch()) {
      return later(
          "stale epoch: the placement known is of epoch "
              + topology.epoch()
              + ", the interval of "
              + tick.epoch()
              + ", the incident of "
              + diagnosis.incident().epoch());
    }
    return Optional.empty();
  }

  /** What speaks against a plan; empty if nothing does. Telling the operator is always allowed. */
  Optional<Decision> permit(
      RecoveryPlan plan, Instant now, SplitTopology topology, JournalState journal, Mode mode) {
    if (plan.action() instanceof NotifyOperator note) {
      boolean told =
          journal.of(plan.incident()).anyMatch(action -> action.plan().action().equals(note));
      return told ? decline("the operator was told before") : Optional.empty();
    }
    if (plan.epoch() != topology.epoch()) {
      return decline(
          "stale epoch: planned on " + plan.epoch() + ", in force is " + topology.epoch());
    }
    Placement target = ((MoveLayers) plan.action()).to();
    List<String> violations = target.violations(topology.job());
    if (!violations.isEmpty()) {
      return decline(target.describe() + " breaks the job: " + String.join("; ", violations));
    }
    return history(plan, target, now, journal, mode);
  }

  private Optional<Decision> history(
      RecoveryPlan plan, Placement target, Instant now, JournalState journal, Mode mode) {
    List<Action> moves = journal.actions().filter(Action::isMove).toList();
    List<Action> ofIncident = journal.of(plan.incident()).filter(Action::isMove).toList();
    if (ofIncident.size() >= limits.maxActionsPerIncident()) {
      return decline(
          "incident " + plan.incident() + " has had its " + ofIncident.size() + " actions");
    }
    boolean undone =
        ofIncident.stream()
            .filter(action -> action.state() == ActionState.UNDONE)
            .anyMatch(action -> ((MoveLayers) action.plan().action()).to().equals(target));
    if (undone) {
      return decline("the move to " + target.describe() + " was undone before");
    }
    if (mode == Mode.OBSERVE) {
      return later("the operator set the mode to OBSERVE");
    }
    Instant hourAgo = now.minus(HOUR);
    long recent = moves.stream().filter(action -> action.intendedAt().isAfter(hourAgo)).count();
    if (recent >= limits.maxActionsPerHour()) {
      return later(recent + " actions within an hour, at most " + limits.maxActionsPerHour());
    }
    Optional<Instant> ready =
        moves.stream()
            .map(action -> action.since().plus(limits.coolDown()))
            .max(Instant::compareTo)
            .filter(instant -> instant.isAfter(now));
    return ready.flatMap(instant -> later("cooling down until " + instant));
  }

  private static Optional<Decision> later(String reason) {
    return Optional.of(new Decision.Later(reason));
  }

  private static Optional<Decision> decline(String reason) {
    return Optional.of(new Decision.Decline(reason));
  }
}
