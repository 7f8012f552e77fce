package io.foresplit.bench.evaluate;

import io.foresplit.bench.measure.Act;
import io.foresplit.bench.measure.Alarm;
import io.foresplit.contract.ActionId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.sim.SimulatedInterval;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What strategies that are not the product share: one change at a time, kept with how it ended. */
abstract class MovingCare implements Care {
  private static final String FAILED = "FAILED";

  final CareContext context;
  private final List<Alarm> alarms = new ArrayList<>();
  private final List<Act> acts = new ArrayList<>();
  private @Nullable ActionId underway;
  private long lostBefore;

  MovingCare(CareContext context) {
    this.context = context;
  }

  @Override
  public final void onInterval(SimulatedInterval interval) {
    double now = context.seconds(interval.end());
    try {
      if (underway != null) {
        take(context.runtime().status(context.job().id(), underway).orElseThrow());
      }
      decide(interval, now);
    } catch (IOException e) {
      throw new UncheckedIOException("the simulated runtime refused a call", e);
    }
  }

  /** An interval has ended; may alarm and, unless {@link #isBusy}, change the placement. */
  abstract void decide(SimulatedInterval interval, double now) throws IOException;

  final boolean isBusy() {
    return underway != null;
  }

  /** Whether the last change was given up by the runtime. */
  final boolean lastFailed() {
    return !acts.isEmpty() && acts.get(acts.size() - 1).result().equals(FAILED);
  }

  final Placement placement() throws IOException {
    return context.runtime().topology(context.job().id()).placement();
  }

  final void alarm(Alarm alarm) {
    alarms.add(alarm);
  }

  /** Ends the alarm raised last. */
  final void resolve(double now) {
    int last = alarms.size() - 1;
    Alarm alarm = alarms.get(last);
    alarms.set(last, new Alarm(alarm.openedSeconds(), now, alarm.ranked(), alarm.path()));
  }

  final void move(double now, Placement target) throws IOException {
    SplitTopology topology = context.runtime().topology(context.job().id());
    begin(
        context.move(now, topology.placement(), target),
        action ->
            context
                .runtime()
                .begin(context.job().id(), action, VirtualService.TERM, topology.epoch(), target));
  }

  final void restart(double now, Placement target, double downSeconds, int checkpointEverySteps)
      throws IOException {
    SplitTopology topology = context.runtime().topology(context.job().id());
    lostBefore = context.runtime().lostSteps();
    Act act = context.move(now, topology.placement(), target);
    begin(
        new Act("restart", now, act.valid(), act.result(), 0, 0, true),
        action ->
            context
                .runtime()
                .restart(
                    context.job().id(),
                    action,
                    VirtualService.TERM,
                    topology.epoch(),
                    target,
                    downSeconds,
                    checkpointEverySteps));
  }

  private interface Begin {
    MoveResult with(ActionId action) throws IOException;
  }

  private void begin(Act act, Begin begin) throws IOException {
    acts.add(act);
    underway = new ActionId("care-" + acts.size());
    take(begin.with(underway));
  }

  private void take(MoveResult result) {
    if (result.state() == State.IN_PROGRESS) {
      return;
    }
    underway = null;
    int last = acts.size() - 1;
    Act act = acts.get(last);
    boolean committed = result.state() == State.COMMITTED;
    long lost = act.kind().equals("restart") ? context.runtime().lostSteps() - lostBefore : 0;
    acts.set(last, act.ended(committed ? "DONE" : FAILED, (double) result.pauseMillis(), lost));
  }

  @Override
  public final List<Alarm> alarms() {
    return List.copyOf(alarms);
  }

  @Override
  public final List<Act> acts() {
    return List.copyOf(acts);
  }
}
