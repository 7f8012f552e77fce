package io.foresplit.bench.diagnosis;

import io.foresplit.bench.evaluate.ServedJobs;
import io.foresplit.bench.scenario.Scenario;
import io.foresplit.bench.scenario.Truths;
import io.foresplit.contract.Cause;
import io.foresplit.contract.DegradationKind;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JobRecord;
import io.foresplit.diagnoser.LearningClassifier;
import io.foresplit.diagnoser.LearningFeatures;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

/**
 * Lets the service look after the jobs of scenarios in virtual time, and notes what learning looked
 * like at each diagnosis beside what is wrong with it, also with onsets that are wrong. Stateless.
 */
public final class CauseSampler {
  private static final double[] ONSET_ERRORS_SECONDS = {0, -45, -15, 15, 45};

  private CauseSampler() {}

  /** Diagnoses of scenarios, in their order, worked on by all processors. */
  public static List<KnownCause> sample(List<Scenario> scenarios) {
    return ServedJobs.watch(scenarios, Watched::new);
  }

  /** Notes what diagnosers ask when they look at one job. Not thread-safe. */
  private static final class Watched
      implements ServedJobs.Onlooker<KnownCause>, LearningClassifier {
    private final ServedJobs.Served served;
    private final List<SecondOpinion> diagnosers;
    private final List<LearningFeatures> asked = new ArrayList<>();
    private final Map<IncidentId, List<KnownCause>> known = new LinkedHashMap<>();

    Watched(ServedJobs.Served served) {
      this.served = served;
      diagnosers =
          DoubleStream.of(ONSET_ERRORS_SECONDS)
              .mapToObj(
                  error ->
                      new SecondOpinion(stages().withLearning(this), served.job().spec(), error))
              .toList();
    }

    @Override
    public Map<Cause, Double> classify(LearningFeatures features) {
      asked.add(features);
      return Map.of();
    }

    @Override
    public void logged(JobRecord entry) {
      diagnosers.forEach(diagnoser -> diagnoser.on(entry));
    }

    @Override
    public void incident(Incident incident) {
      diagnosers.forEach(diagnoser -> diagnoser.on(incident));
      List<Cause> there =
          Truths.around(served.job(), served.seconds(incident.at())).stream()
              .map(Truths.Struck::cause)
              .filter(cause -> cause.kind() == DegradationKind.MODEL_DRIFT)
              .toList();
      if (there.size() <= 1) {
        List<KnownCause> looks = known.computeIfAbsent(incident.id(), id -> new ArrayList<>());
        asked.forEach(
            features ->
                looks.add(
                    new KnownCause(
                        served.scenario().seed(), there.stream().findFirst(), features, 1)));
      }
      asked.clear();
    }

    @Override
    public List<KnownCause> seen() {
      return known.values().stream()
          .flatMap(looks -> looks.stream().map(look -> weighed(look, 1.0 / looks.size())))
          .toList();
    }

    private static KnownCause weighed(KnownCause look, double weight) {
      return new KnownCause(look.seed(), look.cause(), look.features(), weight);
    }
  }
}
