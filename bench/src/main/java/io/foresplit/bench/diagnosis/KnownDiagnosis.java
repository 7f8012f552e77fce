package io.foresplit.bench.diagnosis;

import io.foresplit.bench.scenario.Truths.Struck;
import io.foresplit.contract.RankedCause;
import java.util.List;

/**
 * What a diagnoser named of an incident beside what was wrong.
 *
 * @param topology family of the topology
 * @param kind what is tried in the scenario
 * @param incident unique within the sample
 * @param first whether it is the first diagnosis of its incident
 * @param struck what is wrong, or has just been, in order of onset; empty for a false alarm
 * @param present how many of these are not over
 * @param named what was named for each onset that was told, in the order of {@link
 *     DiagnosisSampler#ONSET_ERRORS_SECONDS}
 */
public record KnownDiagnosis(
    String topology,
    String kind,
    String incident,
    boolean first,
    List<Struck> struck,
    int present,
    List<List<RankedCause>> named) {
  public KnownDiagnosis {
    struck = List.copyOf(struck);
    named = named.stream().map(List::copyOf).toList();
  }
}
