package io.foresplit.bench.evaluate;

import io.foresplit.bench.measure.Act;
import io.foresplit.bench.measure.Alarm;
import io.foresplit.runtime.sim.SimulatedInterval;
import java.util.List;

/** Somebody who looks after one job: a strategy at work. Not thread-safe. */
interface Care {
  /** A report interval has ended; what is done about it begins now. */
  void onInterval(SimulatedInterval interval);

  /** Alarms so far, in order. */
  List<Alarm> alarms();

  /** What was done so far, in order. */
  List<Act> acts();
}
