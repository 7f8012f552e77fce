package io.foresplit.diagnoser.library;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What became of earlier incidents: a short text of each that is resolved, from the records of
 * {@code incidents}, {@code diagnoses} and {@code outcomes}. These may come in any order and more
 * than once; one incident is one text, which changes when more is known. Bounded: the newest
 * {@value #MOST} are kept. Thread-safe.
 */
public final class PastIncidents {
  public static final int MOST = 500;

  /** Open incidents and those of which only a part was read count, too. */
  private static final int MOST_CASES = 2 * MOST;

  /** Cases are dropped so many at a time, for dropping looks at them all. */
  private static final int SLACK = 250;

  private static final int MOST_OUTCOMES = 4 * MOST;

  private static final Comparator<IncidentCase> NEWEST =
      Comparator.comparing(IncidentCase::lastAt).reversed().thenComparing(IncidentCase::source);

  private static final Comparator<ActionOutcome> OLDEST =
      Comparator.comparingLong(ActionOutcome::interval)
          .thenComparing(outcome -> outcome.plan().actionId().value());

  private record Key(JobId job, IncidentId incident) {}

  private final Map<Key, IncidentCase> cases = new HashMap<>();
  private final Map<ActionId, ActionOutcome> outcomes =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ActionId, ActionOutcome> eldest) {
          return size() > MOST_OUTCOMES;
        }
      };

  public synchronized void on(Incident incident) {
    caseOf(incident).on(incident);
    trim();
  }

  public synchronized void on(Diagnosis diagnosis) {
    IncidentCase known = caseOf(diagnosis.incident());
    known.on(diagnosis.incident());
    known.on(diagnosis);
    trim();
  }

  public synchronized void on(ActionOutcome outcome) {
    outcomes.put(outcome.plan().actionId(), outcome);
  }

  /** Resolved incidents, newest first. */
  public synchronized List<Page> pages() {
    Map<Key, List<ActionOutcome>> ended =
        outcomes.values().stream()
            .sorted(OLDEST)
            .collect(Collectors.groupingBy(o -> new Key(o.plan().job(), o.plan().incident())));
    return cases.entrySet().stream()
        .filter(entry -> entry.getValue().isResolved())
        .sorted(Map.Entry.comparingByValue(NEWEST))
        .limit(MOST)
        .map(e -> e.getValue().page(ended.getOrDefault(e.getKey(), List.of())))
        .toList();
  }

  /** Jobs, and the nodes and links of them, that the texts name. */
  public synchronized Map<JobId, Set<ComponentId>> names() {
    Map<JobId, Set<ComponentId>> names = new HashMap<>();
    cases.forEach(
        (key, known) ->
            names.computeIfAbsent(key.job(), j -> new TreeSet<>()).addAll(known.components()));
    for (ActionOutcome outcome : outcomes.values()) {
      if (outcome.plan().action() instanceof MoveLayers move) {
        Set<ComponentId> named = names.computeIfAbsent(outcome.plan().job(), j -> new TreeSet<>());
        Stream.of(move.from(), move.to())
            .flatMap(placement -> placement.nodeOfLayer().stream())
            .forEach(node -> named.add(ComponentId.of(node)));
      }
    }
    return names;
  }

  private IncidentCase caseOf(Incident incident) {
    return cases.computeIfAbsent(
        new Key(incident.job(), incident.id()), key -> new IncidentCase(key.job(), key.incident()));
  }

  private void trim() {
    if (cases.size() > MOST_CASES + SLACK) {
      List<Key> old =
          cases.entrySet().stream()
              .sorted(Map.Entry.comparingByValue(NEWEST))
              .skip(MOST_CASES)
              .map(Map.Entry::getKey)
              .toList();
      old.forEach(cases::remove);
    }
  }
}
