package io.foresplit.contract.wire;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.OperatorCommand;
import io.foresplit.contract.RecoveryAction;
import io.foresplit.contract.RecoveryPlan;
import java.time.Instant;

/** Plans, the journal, outcomes and commands. */
final class RecoveryWire {
  private RecoveryWire() {}

  static io.foresplit.contract.wire.proto.RecoveryAction toProto(RecoveryAction action) {
    var p = io.foresplit.contract.wire.proto.RecoveryAction.newBuilder();
    if (action instanceof RecoveryAction.MoveLayers move) {
      p.getMoveBuilder().setFrom(JobWire.toProto(move.from())).setTo(JobWire.toProto(move.to()));
    } else if (action instanceof RecoveryAction.NotifyOperator notify) {
      p.getNotifyBuilder().setMessage(notify.message());
    }
    return p.build();
  }

  static RecoveryAction fromProto(io.foresplit.contract.wire.proto.RecoveryAction p) {
    return switch (p.getActionCase()) {
      case MOVE -> move(p.getMove());
      case NOTIFY -> new RecoveryAction.NotifyOperator(p.getNotify().getMessage());
      case ACTION_NOT_SET ->
          throw new IllegalArgumentException("the recommendation holds no action");
    };
  }

  private static RecoveryAction move(io.foresplit.contract.wire.proto.MoveLayers p) {
    return new RecoveryAction.MoveLayers(
        JobWire.fromProto(p.getFrom()), JobWire.fromProto(p.getTo()));
  }

  private static io.foresplit.contract.wire.proto.RecoveryPlan toProto(RecoveryPlan plan) {
    var p =
        io.foresplit.contract.wire.proto.RecoveryPlan.newBuilder()
            .setActionId(plan.actionId().value())
            .setJob(plan.job().value())
            .setIncident(plan.incident().value())
            .setEpoch(plan.epoch())
            .setPlannedInterval(plan.plannedInterval())
            .setPredictedBeforeSeconds(plan.predictedBeforeSeconds())
            .setPredictedAfterSeconds(plan.predictedAfterSeconds())
            .setReason(plan.reason())
            .setProposer(io.foresplit.contract.wire.proto.Proposer.valueOf(plan.proposer().name()));
    var action = toProto(plan.action());
    if (action.hasMove()) {
      p.setMove(action.getMove());
    } else {
      p.setNotify(action.getNotify());
    }
    return p.build();
  }

  private static RecoveryPlan fromProto(io.foresplit.contract.wire.proto.RecoveryPlan p) {
    RecoveryAction action =
        switch (p.getActionCase()) {
          case MOVE -> move(p.getMove());
          case NOTIFY -> new RecoveryAction.NotifyOperator(p.getNotify().getMessage());
          case ACTION_NOT_SET -> throw new IllegalArgumentException("the plan holds no action");
        };
    return new RecoveryPlan(
        new ActionId(p.getActionId()),
        new JobId(p.getJob()),
        new IncidentId(p.getIncident()),
        Enums.counter("epoch", p.getEpoch()),
        Enums.counter("planned_interval", p.getPlannedInterval()),
        action,
        p.getPredictedBeforeSeconds(),
        p.getPredictedAfterSeconds(),
        p.getReason(),
        Enums.convert("proposer", RecoveryPlan.Proposer.class, p.getProposer()));
  }

  static io.foresplit.contract.wire.proto.ActionOutcome toProto(ActionOutcome outcome) {
    return io.foresplit.contract.wire.proto.ActionOutcome.newBuilder()
        .setPlan(toProto(outcome.plan()))
        .setResult(io.foresplit.contract.wire.proto.OutcomeResult.valueOf(outcome.result().name()))
        .setInterval(outcome.interval())
        .setPauseMillis(outcome.pauseMillis())
        .setStepSecondsBefore(outcome.stepSecondsBefore())
        .setStepSecondsAfter(outcome.stepSecondsAfter())
        .setDetail(outcome.detail())
        .build();
  }

  static ActionOutcome fromProto(io.foresplit.contract.wire.proto.ActionOutcome p) {
    return new ActionOutcome(
        fromProto(p.getPlan()),
        Enums.convert("outcome", ActionOutcome.Result.class, p.getResult()),
        Enums.counter("interval", p.getInterval()),
        p.getPauseMillis(),
        p.getStepSecondsBefore(),
        p.getStepSecondsAfter(),
        p.getDetail());
  }

  static io.foresplit.contract.wire.proto.JournalEntry toProto(JournalEntry entry) {
    var p =
        io.foresplit.contract.wire.proto.JournalEntry.newBuilder()
            .setJob(entry.job().value())
            .setAtMillis(entry.at().toEpochMilli());
    if (entry instanceof JournalEntry.LeaseTaken lease) {
      p.getLeaseTakenBuilder().setController(lease.controller());
    } else if (entry instanceof JournalEntry.Intended intended) {
      p.setIntended(toProto(intended.plan()));
    } else if (entry instanceof JournalEntry.Executed executed) {
      p.getExecutedBuilder()
          .setAction(executed.action().value())
          .setEpoch(executed.epoch())
          .setPauseMillis(executed.pauseMillis());
    } else if (entry instanceof JournalEntry.Failed failed) {
      p.getFailedBuilder().setAction(failed.action().value()).setReason(failed.reason());
    } else if (entry instanceof JournalEntry.UndoIntended undo) {
      p.getUndoIntendedBuilder()
          .setAction(undo.action().value())
          .setReverse(toProto(undo.reverse()));
    } else if (entry instanceof JournalEntry.Closed closed) {
      p.getClosedBuilder().setAction(closed.action().value()).setOutcome(toProto(closed.outcome()));
    }
    return p.build();
  }

  static JournalEntry fromProto(io.foresplit.contract.wire.proto.JournalEntry p) {
    JobId job = new JobId(p.getJob());
    Instant at = Enums.instant("at_millis", p.getAtMillis());
    return switch (p.getEventCase()) {
      case LEASE_TAKEN -> new JournalEntry.LeaseTaken(job, at, p.getLeaseTaken().getController());
      case INTENDED -> new JournalEntry.Intended(job, at, fromProto(p.getIntended()));
      case EXECUTED -> {
        var e = p.getExecuted();
        yield new JournalEntry.Executed(
            job,
            at,
            new ActionId(e.getAction()),
            Enums.counter("epoch", e.getEpoch()),
            e.getPauseMillis());
      }
      case FAILED ->
          new JournalEntry.Failed(
              job, at, new ActionId(p.getFailed().getAction()), p.getFailed().getReason());
      case UNDO_INTENDED ->
          new JournalEntry.UndoIntended(
              job,
              at,
              new ActionId(p.getUndoIntended().getAction()),
              fromProto(p.getUndoIntended().getReverse()));
      case CLOSED ->
          new JournalEntry.Closed(
              job,
              at,
              new ActionId(p.getClosed().getAction()),
              fromProto(p.getClosed().getOutcome()));
      case EVENT_NOT_SET -> throw new IllegalArgumentException("it holds no known event");
    };
  }

  static io.foresplit.contract.wire.proto.OperatorCommand toProto(OperatorCommand command) {
    var p =
        io.foresplit.contract.wire.proto.OperatorCommand.newBuilder()
            .setJob(command.job().value())
            .setAtMillis(command.at().toEpochMilli());
    if (command instanceof OperatorCommand.SetMode mode) {
      p.getSetModeBuilder()
          .setMode(io.foresplit.contract.wire.proto.Mode.valueOf(mode.mode().name()));
    }
    return p.build();
  }

  static OperatorCommand fromProto(io.foresplit.contract.wire.proto.OperatorCommand p) {
    return switch (p.getCommandCase()) {
      case SET_MODE ->
          new OperatorCommand.SetMode(
              new JobId(p.getJob()),
              Enums.instant("at_millis", p.getAtMillis()),
              Enums.convert("mode", OperatorCommand.Mode.class, p.getSetMode().getMode()));
      case COMMAND_NOT_SET -> throw new IllegalArgumentException("it holds no known command");
    };
  }
}
