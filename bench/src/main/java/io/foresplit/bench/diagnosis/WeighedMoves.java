package io.foresplit.bench.diagnosis;

import io.foresplit.bench.evaluate.Stages;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.SplitTopology;
import io.foresplit.recovery.Effect;
import io.foresplit.recovery.RecoveryStage;
import io.foresplit.recovery.RuntimeResult;
import java.util.ArrayList;
import java.util.List;

/**
 * What recovery makes of the moves a language model recommends, had they come in time.
 *
 * @param recommended moves
 * @param refused by a rule of the job
 * @param won moves that recovery would have made, rather than one of its own
 */
record WeighedMoves(int recommended, int refused, int won) {
  static final WeighedMoves NONE = new WeighedMoves(0, 0, 0);

  /** Lets recovery, new to the job, decide on a diagnosis in the interval after its incident's. */
  static WeighedMoves of(Stages stages, Diagnosis diagnosis, SplitTopology topology) {
    RecoveryStage recovery = new RecoveryStage(stages.recovery(), stages.planning());
    JobId job = diagnosis.incident().job();
    JournalEntry lease =
        new JournalEntry.LeaseTaken(job, diagnosis.incident().at(), stages.recovery().controller());
    recovery.learn(topology);
    recovery.committed(lease, 0);
    List<Effect> effects = new ArrayList<>();
    for (Effect effect : recovery.on(tick(diagnosis.incident(), topology, 0))) {
      if (effect instanceof Effect.Fence fence) {
        effects.addAll(recovery.on(new RuntimeResult.Fenced(job, fence.term(), topology)));
      }
    }
    recovery.learn(diagnosis);
    effects.addAll(recovery.on(tick(diagnosis.incident(), topology, 1)));
    return effects.stream()
        .filter(Effect.Recommended.class::isInstance)
        .map(Effect.Recommended.class::cast)
        .map(
            moves ->
                new WeighedMoves(
                    moves.refused() + moves.lost() + (moves.won() ? 1 : 0),
                    moves.refused(),
                    moves.won() ? 1 : 0))
        .findFirst()
        .orElse(NONE);
  }

  private static IntervalTick tick(Incident incident, SplitTopology topology, int later) {
    JobSpec job = topology.job();
    return new IntervalTick(
        job.id(),
        incident.interval() + later,
        topology.epoch(),
        incident.at().plus(job.interval().multipliedBy(later)),
        job.interval(),
        incident.silent().stream().toList());
  }

  WeighedMoves plus(WeighedMoves other) {
    return new WeighedMoves(
        recommended + other.recommended, refused + other.refused, won + other.won);
  }
}
