package io.foresplit.bench.diagnosis;

import io.foresplit.bench.evaluate.ServedJobs;
import io.foresplit.bench.scenario.Scenario;
import io.foresplit.bench.scenario.Truths;
import io.foresplit.bench.scenario.Truths.Struck;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.SplitTopology;
import io.foresplit.diagnoser.chat.IncidentFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An incident by one fault as statistics first diagnosed it, for a language model to be asked
 * about.
 *
 * @param kind what is tried in the scenario
 * @param struck what is wrong
 * @param topology in force
 * @param facts what is recorded at that time, but for forecasts
 */
public record ModelCase(
    String kind, Struck struck, Diagnosis diagnosis, SplitTopology topology, IncidentFacts facts) {
  /**
   * Incidents of scenarios in which statistics name a cause, every n-th of all in their order.
   *
   * @param most how many
   */
  public static List<ModelCase> sample(List<Scenario> scenarios, int most) {
    List<ModelCase> all = ServedJobs.watch(scenarios, Watched::new);
    int taken = Math.min(most, all.size());
    return IntStream.range(0, taken)
        .mapToObj(i -> all.get((int) ((long) i * all.size() / taken)))
        .toList();
  }

  /** Notes the first diagnoses of one job. Not thread-safe. */
  private static final class Watched implements ServedJobs.Onlooker<ModelCase> {
    private final ServedJobs.Served served;
    private final SecondOpinion diagnoser;
    private final List<ModelCase> cases = new ArrayList<>();
    private final List<SplitTopology> topologies = new ArrayList<>();

    Watched(ServedJobs.Served served) {
      this.served = served;
      diagnoser = new SecondOpinion(stages(), served.job().spec(), 0);
    }

    @Override
    public void logged(JobRecord entry) {
      diagnoser.on(entry);
      if (entry instanceof SplitTopology latest) {
        topologies.add(latest);
      }
    }

    @Override
    public void incident(Incident incident) {
      List<Diagnosis> diagnoses = diagnoser.on(incident);
      List<Struck> struck = Truths.around(served.job(), served.seconds(incident.at()));
      if (incident.phase() == Incident.Phase.OPEN && struck.size() == 1 && !topologies.isEmpty()) {
        diagnoses.stream()
            .filter(diagnosis -> !diagnosis.abstained())
            .map(diagnosis -> asked(struck.get(0), diagnosis))
            .forEach(cases::add);
      }
    }

    private ModelCase asked(Struck struck, Diagnosis diagnosis) {
      Incident incident = diagnosis.incident();
      IncidentFacts facts =
          new IncidentFacts(
              incident,
              incident,
              served.job().spec().interval(),
              incident.interval(),
              List.of(diagnosis),
              List.of(),
              topologies,
              List.of(),
              HeldMetrics.of(
                  diagnoser.history(),
                  incident.job(),
                  incident.interval(),
                  diagnoser.history().capacity()));
      SplitTopology now = topologies.get(topologies.size() - 1);
      return new ModelCase(served.scenario().kind(), struck, diagnosis, now, facts);
    }

    @Override
    public List<ModelCase> seen() {
      return cases;
    }
  }
}
