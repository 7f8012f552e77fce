package io.foresplit.diagnoser;

import io.foresplit.contract.Cause;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.SplitTopology;
import io.foresplit.diagnoser.chat.IncidentFacts;
import java.util.List;

/** A world for the tests of the shells, and of those who speak of a diagnosis. */
public record Worlds(List<JobRecord> log, Incident incident, Diagnosis diagnosis) {
  public static Worlds uplinkFade() {
    return of(Cause.UPLINK_FADE, 5);
  }

  public static Worlds of(Cause cause, long seed) {
    return of(World.Draw.of(cause, seed));
  }

  /** A fading uplink on a chain of three nodes of these names. */
  public static Worlds named(List<String> nodes) {
    return of(World.Draw.of(Cause.UPLINK_FADE, 5).named(nodes.toArray(String[]::new)));
  }

  public static Worlds noise() {
    return of(World.Draw.noise(5));
  }

  private static Worlds of(World.Draw draw) {
    World world = new World(draw);
    return new Worlds(world.log(), world.incident(), CauseAccuracyTest.diagnose(world, 0));
  }

  /** What is recorded of it. */
  public IncidentFacts facts() {
    DiagnosisStage stage = new DiagnosisStage(DiagnoserConfig.defaults(), new StepTimeModel());
    log.forEach(stage::on);
    return new IncidentFacts(
        incident,
        incident,
        World.INTERVAL,
        incident.interval(),
        stage.on(incident),
        List.of(),
        log.stream()
            .filter(SplitTopology.class::isInstance)
            .map(SplitTopology.class::cast)
            .toList(),
        List.of(),
        stage.history());
  }
}
