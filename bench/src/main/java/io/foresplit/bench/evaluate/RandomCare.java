package io.foresplit.bench.evaluate;

import io.foresplit.bench.measure.Alarm;
import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.plan.Alternatives;
import io.foresplit.runtime.sim.SimulatedInterval;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Alarms at random, {@value #ALARMS_AN_HOUR} times an hour on average, names a component and a
 * cause at random and moves anywhere that is allowed. An alarm lasts {@value #ALARM_SECONDS} s.
 */
final class RandomCare extends MovingCare {
  private static final double ALARMS_AN_HOUR = 2;
  private static final double ALARM_SECONDS = 60;
  private static final List<Cause> CAUSES = List.of(Cause.values());

  private final SplittableRandom random;
  private final List<Placement> placements;
  private final List<ComponentId> components = new ArrayList<>();
  private double alarmEnds = Double.NaN;

  RandomCare(CareContext context, long seed) {
    super(context);
    random = new SplittableRandom(seed);
    placements = Alternatives.allowed(context.job());
    context.job().links().stream().map(LinkSpec::id).forEach(components::add);
    context.job().nodes().stream().map(NodeSpec::id).map(ComponentId::of).forEach(components::add);
  }

  @Override
  void decide(SimulatedInterval interval, double now) throws IOException {
    double chance = ALARMS_AN_HOUR * context.job().interval().toMillis() / 3.6e6;
    if (now >= alarmEnds) {
      resolve(now);
      alarmEnds = Double.NaN;
    }
    if (random.nextDouble() >= chance || !Double.isNaN(alarmEnds)) {
      return;
    }
    alarmEnds = now + ALARM_SECONDS;
    ComponentId component = components.get(random.nextInt(components.size()));
    Cause cause = CAUSES.get(random.nextInt(CAUSES.size()));
    alarm(
        new Alarm(
            now,
            null,
            List.of(new Alarm.Candidate(component.value(), cause.label(), 1)),
            List.of(component.value(), ComponentId.JOB.value())));
    Placement target = placements.get(random.nextInt(placements.size()));
    if (!isBusy() && !target.equals(placement())) {
      move(now, target);
    }
  }
}
