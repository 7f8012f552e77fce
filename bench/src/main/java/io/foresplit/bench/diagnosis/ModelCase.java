package io.foresplit.bench.diagnosis;

import io.foresplit.bench.evaluate.ServedJobs;
import io.foresplit.bench.scenario.Scenario;
import io.foresplit.bench.scenario.Truths;
import io.foresplit.bench.scenario.Truths.Struck;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.SplitTopology;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An incident by one fault as statistics first diagnosed it, for a language model to be asked
 * about.
 *
 * @param kind what is tried in the scenario
 * @param struck what is wrong
 * @param topology in force
 */
public record ModelCase(String kind, Struck struck, Diagnosis diagnosis, SplitTopology topology) {
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
    private @Nullable SplitTopology topology;

    Watched(ServedJobs.Served served) {
      this.served = served;
      diagnoser = new SecondOpinion(stages(), served.job().spec(), 0);
    }

    @Override
    public void logged(JobRecord entry) {
      diagnoser.on(entry);
      if (entry instanceof SplitTopology latest) {
        topology = latest;
      }
    }

    @Override
    public void incident(Incident incident) {
      List<Diagnosis> diagnoses = diagnoser.on(incident);
      List<Struck> struck = Truths.around(served.job(), served.seconds(incident.at()));
      SplitTopology now = topology;
      if (incident.phase() == Incident.Phase.OPEN && struck.size() == 1 && now != null) {
        diagnoses.stream()
            .filter(diagnosis -> !diagnosis.abstained())
            .map(d -> new ModelCase(served.scenario().kind(), struck.get(0), d, now))
            .forEach(cases::add);
      }
    }

    @Override
    public List<ModelCase> seen() {
      return cases;
    }
  }
}
