package io.foresplit.diagnoser.chat;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Evidence;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.MetricHistory;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.SplitTopology;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is recorded of one incident: all that a conversation about it may speak of.
 *
 * @param incident its last record
 * @param trouble its last record before it was resolved, the same while it is open
 * @param interval length of a report interval
 * @param now number of the last interval that was closed
 * @param diagnoses oldest first
 * @param journal of its actions, in order
 * @param topologies of the job by rising epoch, as far as they are known
 * @param forecasts latest ones of the job
 * @param history metrics of the job
 */
public record IncidentFacts(
    Incident incident,
    Incident trouble,
    Duration interval,
    long now,
    List<Diagnosis> diagnoses,
    List<JournalEntry> journal,
    List<SplitTopology> topologies,
    List<Forecast> forecasts,
    MetricHistory history) {
  private static final long FARTHEST = 1_000_000_000;

  public IncidentFacts {
    diagnoses = List.copyOf(diagnoses);
    journal = List.copyOf(journal);
    topologies = List.copyOf(topologies);
    forecasts = List.copyOf(forecasts);
    if (interval.isNegative() || interval.isZero()) {
      throw new IllegalArgumentException("interval must be positive, was " + interval);
    }
  }

  /** The diagnosis made last. */
  public Optional<Diagnosis> diagnosis() {
    return diagnoses.isEmpty()
        ? Optional.empty()
        : Optional.of(diagnoses.get(diagnoses.size() - 1));
  }

  /** The likeliest cause of the latest diagnosis. */
  Optional<RankedCause> top() {
    return diagnosis().flatMap(Diagnosis::top);
  }

  /** Facts of the latest diagnosis: the only ones that may be cited. */
  public List<Evidence> evidence() {
    return diagnosis().map(Diagnosis::evidence).orElse(List.of());
  }

  /** A fact of the latest diagnosis. */
  public Optional<Evidence> evidence(String id) {
    return evidence().stream().filter(fact -> fact.id().equals(id)).findFirst();
  }

  /** The topology of the trouble's epoch, or the newest one before it. */
  public Optional<SplitTopology> topology() {
    return topologies.stream()
        .filter(topology -> topology.epoch() <= trouble.epoch())
        .reduce((first, second) -> second);
  }

  /** The topology in force. */
  public Optional<SplitTopology> present() {
    return topologies.stream().reduce((first, second) -> second);
  }

  /** Nodes and links of the job, and what else the diagnosis speaks of, each once. */
  public List<ComponentId> components() {
    Stream<ComponentId> declared =
        topology().map(SplitTopology::job).stream().flatMap(IncidentFacts::components);
    Stream<ComponentId> named =
        diagnosis().stream()
            .flatMap(
                diagnosis ->
                    Stream.concat(
                        diagnosis.ranked().stream().map(RankedCause::component),
                        diagnosis.evidence().stream().map(fact -> fact.series().component())));
    return Stream.concat(declared, named)
        .filter(component -> !component.equals(ComponentId.JOB))
        .distinct()
        .toList();
  }

  private static Stream<ComponentId> components(JobSpec job) {
    return Stream.concat(
        job.participants().stream().map(NodeSpec::id).map(ComponentId::of),
        job.links().stream().map(LinkSpec::id));
  }

  /** The latest forecast of a series. */
  public Optional<Forecast> forecast(SeriesKey series) {
    return forecasts.stream().filter(forecast -> forecast.series().equals(series)).findFirst();
  }

  /** Whether it is over. */
  public boolean isResolved() {
    return incident.phase() == Incident.Phase.RESOLVED;
  }

  /** When an interval ends or has ended. */
  public Instant end(long number) {
    long ahead = Math.max(-FARTHEST, Math.min(FARTHEST, number - incident.interval()));
    return incident.at().plus(interval.multipliedBy(ahead));
  }
}
