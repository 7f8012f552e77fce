package io.foresplit.bench.kind;

import io.foresplit.bench.evaluate.ServedJobs;
import io.foresplit.bench.evaluate.Stages;
import io.foresplit.bench.scenario.Scenario;
import io.foresplit.bench.scenario.Truths;
import io.foresplit.contract.Degradation;
import io.foresplit.contract.DegradationKind;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.forecaster.KindClassifier;
import io.foresplit.forecaster.KindFeatures;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Lets the service look after the jobs of scenarios in virtual time, and holds what it says of the
 * kinds of incidents beside what was injected. Thread-safe.
 */
public final class IncidentSampler {
  private final KindClassifier classifier;

  /**
   * @param classifier of the service
   */
  public IncidentSampler(KindClassifier classifier) {
    this.classifier = classifier;
  }

  /** Incidents of scenarios, in their order, worked on by all processors. */
  public List<KnownIncident> sample(List<Scenario> scenarios) {
    return ServedJobs.watch(scenarios, Watched::new);
  }

  /** Notes the incidents of one job, and is the classifier of its service. Not thread-safe. */
  private final class Watched implements ServedJobs.Onlooker<KnownIncident>, KindClassifier {
    private final ServedJobs.Served served;
    private final List<KnownIncident> incidents = new ArrayList<>();
    private @Nullable KindFeatures asked;

    Watched(ServedJobs.Served served) {
      this.served = served;
    }

    @Override
    public Stages stages() {
      return Stages.with(this);
    }

    @Override
    public List<KnownIncident> seen() {
      return incidents;
    }

    @Override
    public Degradation classify(KindFeatures features) {
      asked = features;
      return classifier.classify(features);
    }

    @Override
    public void incident(Incident incident) {
      Scenario scenario = served.scenario();
      double seconds = served.seconds(incident.at());
      incidents.add(
          new KnownIncident(
              scenario.seed(),
              scenario.id(),
              scenario.kind(),
              incident.phase(),
              Truths.around(served.job(), seconds).stream()
                  .map(struck -> struck.cause().kind())
                  .collect(Collectors.toSet()),
              asked,
              incident.degradation(),
              DegradationKind.UNKNOWN));
      asked = null;
    }

    @Override
    public void diagnosed(Diagnosis diagnosis) {
      int last = incidents.size() - 1;
      if (diagnosis.revision() == 0 && last >= 0) {
        KnownIncident known = incidents.get(last);
        incidents.set(
            last,
            new KnownIncident(
                known.seed(),
                known.scenario(),
                known.fault(),
                known.phase(),
                known.truth(),
                known.features(),
                known.said(),
                diagnosis
                    .top()
                    .map(cause -> cause.cause().kind())
                    .orElse(DegradationKind.UNKNOWN)));
      }
    }
  }
}
