package io.foresplit.bench.diagnosis;

import io.foresplit.bench.evaluate.ServedJobs;
import io.foresplit.bench.scenario.Scenario;
import io.foresplit.bench.scenario.Truths;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.RankedCause;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lets the service look after the jobs of scenarios in virtual time, and notes what diagnosers name
 * that are told the onset of each incident, and one that is wrong, beside what is true. Stateless.
 */
public final class DiagnosisSampler {
  /** By how much onsets that are told are later than estimated; the service's own is first. */
  public static final List<Integer> ONSET_ERRORS_SECONDS = List.of(0, -30, 30);

  private DiagnosisSampler() {}

  /** Diagnoses of scenarios, in their order, worked on by all processors. */
  public static List<KnownDiagnosis> sample(List<Scenario> scenarios) {
    return ServedJobs.watch(scenarios, Watched::new);
  }

  /** Notes the diagnoses of one job. Not thread-safe. */
  private static final class Watched implements ServedJobs.Onlooker<KnownDiagnosis> {
    private final ServedJobs.Served served;
    private final List<SecondOpinion> diagnosers;
    private final List<KnownDiagnosis> known = new ArrayList<>();

    Watched(ServedJobs.Served served) {
      this.served = served;
      diagnosers =
          ONSET_ERRORS_SECONDS.stream()
              .map(error -> new SecondOpinion(stages(), served.job().spec(), error))
              .toList();
    }

    @Override
    public void logged(JobRecord entry) {
      diagnosers.forEach(diagnoser -> diagnoser.on(entry));
    }

    @Override
    public void incident(Incident incident) {
      List<List<RankedCause>> named = new ArrayList<>();
      for (SecondOpinion diagnoser : diagnosers) {
        Optional<Diagnosis> diagnosis = diagnoser.on(incident).stream().findFirst();
        diagnosis.ifPresent(said -> named.add(said.ranked()));
      }
      if (named.size() == diagnosers.size()) {
        Scenario scenario = served.scenario();
        known.add(
            new KnownDiagnosis(
                scenario.topology(),
                scenario.kind(),
                String.join(
                    "/",
                    Long.toString(scenario.seed()),
                    scenario.id(),
                    served.job().spec().id().value(),
                    incident.id().value()),
                incident.phase() == Incident.Phase.OPEN,
                Truths.around(served.job(), served.seconds(incident.at())),
                Truths.at(served.job(), served.seconds(incident.at())).size(),
                named));
      }
    }

    @Override
    public List<KnownDiagnosis> seen() {
      return known;
    }
  }
}
