package io.foresplit.bench.evaluate;

import io.foresplit.bench.measure.Alarm;
import io.foresplit.bench.measure.Truth;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.SimulatedInterval;
import java.io.IOException;
import java.util.List;
import java.util.Objects;

/**
 * Knows what strikes, where, when and how badly. Alarms at the onset of a fault with its true
 * cause, and moves, in the interval before, to what is best for all faults that are there, at their
 * worst; goes back to what is best without them when they are over. What no other placement makes
 * better it leaves. An upper bound on what moving layers can do, not on what knowing can.
 */
final class OracleCare extends MovingCare {
  private static final double LEAST_GAIN = 0.02;

  /** In place of a cause that the vocabulary of diagnoses has no word for. */
  private static final String NO_WORD = "no-word";

  /** What conditions are at present is their mean over so long. */
  private static final double SOON_SECONDS = 60;

  private final double ahead;
  private int told;
  private List<Disturbance> active = List.of();

  OracleCare(CareContext context) {
    super(context);
    ahead = context.job().interval().toMillis() / 1e3;
  }

  @Override
  void decide(SimulatedInterval interval, double now) throws IOException {
    List<Disturbance> faults = context.watched().faults();
    for (int i = told; i < faults.size(); i++) {
      if (now + ahead >= faults.get(i).onsetSeconds()) {
        tell(context.truths().get(i));
        told = i + 1;
      }
    }
    List<Disturbance> here =
        faults.stream()
            .filter(fault -> now + ahead >= fault.onsetSeconds() && now < fault.endSeconds())
            .toList();
    if (!isBusy() && (!here.equals(active) || lastFailed())) {
      active = here;
      prepare(now);
    }
  }

  private void tell(Truth truth) {
    String cause = Objects.requireNonNullElse(truth.cause(), NO_WORD);
    List<Alarm.Candidate> ranked = List.of(new Alarm.Candidate(truth.component(), cause, 1));
    alarm(new Alarm(truth.onsetSeconds(), truth.endSeconds(), ranked, truth.path()));
  }

  private void prepare(double now) throws IOException {
    Conditions conditions = context.runtime().meanConditions(now, now + SOON_SECONDS);
    for (Disturbance fault : active) {
      conditions = worse(conditions, context.atWorst(fault));
    }
    Placement from = placement();
    Placement to = context.planner().best(context.job(), conditions);
    double stay = context.planner().predict(context.job(), from, conditions);
    double gain = 1 - context.planner().predict(context.job(), to, conditions) / stay;
    if (!to.equals(from) && gain >= LEAST_GAIN) {
      move(now, to);
    }
  }

  /** The worse of two, link by link and node by node. */
  private static Conditions worse(Conditions one, Conditions other) {
    Conditions result = one;
    for (var link : other.links().entrySet()) {
      var mine = one.links().get(link.getKey());
      if (mine == null
          || link.getValue().bytesPerSecond() < mine.bytesPerSecond()
          || link.getValue().delaySeconds() > mine.delaySeconds()) {
        result = result.withLink(link.getKey(), link.getValue());
      }
    }
    for (var node : other.slowdowns().entrySet()) {
      double slower =
          Math.max(node.getValue(), result.slowdowns().getOrDefault(node.getKey(), 1.0));
      result = result.withSlowdown(node.getKey(), slower);
    }
    return result;
  }
}
