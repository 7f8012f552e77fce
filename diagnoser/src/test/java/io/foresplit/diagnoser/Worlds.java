package io.foresplit.diagnoser;

import io.foresplit.contract.Cause;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobRecord;
import java.util.List;

/** A world for the tests of the shells. */
public record Worlds(List<JobRecord> log, Incident incident, Diagnosis diagnosis) {
  public static Worlds uplinkFade() {
    World world = new World(World.Draw.of(Cause.UPLINK_FADE, 5));
    return new Worlds(world.log(), world.incident(), CauseAccuracyTest.diagnose(world, 0));
  }

  public static Worlds noise() {
    World world = new World(World.Draw.noise(5));
    return new Worlds(world.log(), world.incident(), CauseAccuracyTest.diagnose(world, 0));
  }
}
