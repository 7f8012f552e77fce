package io.foresplit.bench.kind;

import io.foresplit.bench.evaluate.Stages;
import io.foresplit.bench.evaluate.VirtualService;
import io.foresplit.bench.scenario.Scenario;
import io.foresplit.contract.Degradation;
import io.foresplit.contract.DegradationKind;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.forecaster.KindClassifier;
import io.foresplit.forecaster.KindFeatures;
import io.foresplit.runtime.sim.Restoring;
import io.foresplit.runtime.sim.SimulatedSite;
import io.foresplit.runtime.sim.Simulation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Lets the service look after the jobs of scenarios in virtual time, and holds what it says of the
 * kinds of incidents beside what was injected. The service sees nothing of the truth. Moves that a
 * scenario plans are not made. Thread-safe.
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
    return scenarios.parallelStream().map(this::sample).collect(Collectors.toList()).stream()
        .flatMap(List::stream)
        .toList();
  }

  private List<KnownIncident> sample(Scenario scenario) {
    List<Simulation> simulations =
        scenario.jobs().stream()
            .map(job -> job.simulation(scenario.worldSeed()).withRestoring(Restoring.usual()))
            .toList();
    SimulatedSite site = new SimulatedSite(simulations);
    List<Watched> jobs = new ArrayList<>();
    for (int j = 0; j < simulations.size(); j++) {
      jobs.add(new Watched(scenario, scenario.jobs().get(j), simulations.get(j), site));
    }
    while (site.nowSeconds() < scenario.durationSeconds()) {
      var intervals = site.nextInterval();
      for (Watched job : jobs) {
        job.service.onInterval(Objects.requireNonNull(intervals.get(job.job.spec().id())));
      }
    }
    return jobs.stream().flatMap(job -> job.incidents.stream()).toList();
  }

  /** One job and the service that looks after it. Not thread-safe. */
  private final class Watched implements VirtualService.Listener, KindClassifier {
    private final Scenario scenario;
    private final Scenario.Job job;
    private final Instant start;
    private final VirtualService service;
    private final List<KnownIncident> incidents = new ArrayList<>();
    private @Nullable KindFeatures asked;

    Watched(Scenario scenario, Scenario.Job job, Simulation simulation, SimulatedSite site) {
      this.scenario = scenario;
      this.job = job;
      this.start = simulation.start();
      this.service =
          new VirtualService(
              Stages.with(this), job.spec().id(), start, site.runtime(job.spec().id()), this);
    }

    @Override
    public Degradation classify(KindFeatures features) {
      asked = features;
      return classifier.classify(features);
    }

    @Override
    public void incident(Incident incident) {
      double seconds = (incident.at().toEpochMilli() - start.toEpochMilli()) / 1e3;
      incidents.add(
          new KnownIncident(
              scenario.seed(),
              scenario.id(),
              scenario.kind(),
              incident.phase(),
              FaultKinds.at(job, seconds),
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
