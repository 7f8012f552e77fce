package io.foresplit.bench.evaluate;

import io.foresplit.bench.measure.Act;
import io.foresplit.bench.measure.Alarm;
import io.foresplit.runtime.sim.SimulatedInterval;
import java.util.List;

/** Nobody looks after the job. */
final class NoCare implements Care {
  @Override
  public void onInterval(SimulatedInterval interval) {}

  @Override
  public List<Alarm> alarms() {
    return List.of();
  }

  @Override
  public List<Act> acts() {
    return List.of();
  }
}
