package io.foresplit.bench.kind;

import io.foresplit.bench.scenario.Scenario;
import io.foresplit.contract.DegradationKind;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.DisturbanceKind;
import java.util.EnumSet;
import java.util.Set;

/** The true kinds of degradation of a job, from the faults its scenario injects. Pure. */
final class FaultKinds {
  /** An objective may be missed for so long after a fault, as in the evaluation. */
  private static final int GRACE_INTERVALS = 10;

  private FaultKinds() {}

  /** Kinds of the faults that are there at a moment, or have just been. */
  static Set<DegradationKind> at(Scenario.Job job, double seconds) {
    double interval = job.spec().interval().toMillis() / 1e3;
    Set<DegradationKind> kinds = EnumSet.noneOf(DegradationKind.class);
    for (Disturbance fault : job.faults()) {
      if (seconds >= fault.onsetSeconds() - interval
          && seconds < fault.endSeconds() + GRACE_INTERVALS * interval) {
        kinds.add(of(fault.kind()));
      }
    }
    return kinds;
  }

  /** A leak ends with the death of its process, which is when it hurts. */
  static DegradationKind of(DisturbanceKind fault) {
    return switch (fault) {
      case UPLINK_FADE, DOWNLINK_FADE, LATENCY_RISE, JITTER, PACKET_LOSS, LINK_FLAP, HANDOVER_GAP ->
          DegradationKind.COMMUNICATION;
      case CPU_CONTENTION, PERIODIC_CPU_CONTENTION, STRAGGLER -> DegradationKind.RESOURCE;
      case MEMORY_LEAK, NODE_CRASH -> DegradationKind.NODE_LOSS;
      case LABEL_DRIFT, FEATURE_DRIFT, EXPLODING_GRADIENTS, STALE_WEIGHTS, CORRUPTED_ACTIVATIONS ->
          DegradationKind.MODEL_DRIFT;
      case DIURNAL_LOAD, NOISE_BURST, BATCH_SIZE -> DegradationKind.UNKNOWN;
    };
  }
}
