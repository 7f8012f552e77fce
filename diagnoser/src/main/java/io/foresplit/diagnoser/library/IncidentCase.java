package io.foresplit.diagnoser.library;

import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.ActionOutcome.Result;
import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.RecoveryAction;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.RecoveryAction.NotifyOperator;
import io.foresplit.diagnoser.library.Library.Shelf;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What was read of one incident so far. The order of reading does not matter. Not thread-safe. */
final class IncidentCase {
  private static final int LONGEST_REMARK = 200;
  private static final int MOST_ACTIONS = 8;

  private final JobId job;
  private final IncidentId id;
  private final Set<String> objectives = new TreeSet<>();
  private final Set<String> silent = new TreeSet<>();
  private Instant lastAt = Instant.MIN;
  private Instant kindAt = Instant.MIN;
  private String kind = "";
  private @Nullable Instant openedAt;
  private @Nullable Instant resolvedAt;
  private @Nullable RankedCause cause;
  private long causeInterval;
  private int causeRevision;

  IncidentCase(JobId job, IncidentId id) {
    this.job = job;
    this.id = id;
  }

  void on(Incident incident) {
    incident.risks().stream().map(BreachRisk::objective).forEach(o -> objectives.add(o.value()));
    incident.silent().stream().map(NodeId::value).forEach(silent::add);
    if (incident.phase() == Incident.Phase.OPEN) {
      openedAt = incident.at();
    } else if (incident.phase() == Incident.Phase.RESOLVED) {
      resolvedAt = incident.at();
    }
    if (incident.degradation().isKnown() && !incident.at().isBefore(kindAt)) {
      kindAt = incident.at();
      kind = incident.degradation().kind().label();
    }
    if (incident.at().isAfter(lastAt)) {
      lastAt = incident.at();
    }
  }

  /** The latest that names a cause counts. */
  void on(Diagnosis diagnosis) {
    long interval = diagnosis.incident().interval();
    boolean later =
        interval > causeInterval
            || (interval == causeInterval && diagnosis.revision() >= causeRevision);
    if (!diagnosis.abstained() && (cause == null || later)) {
      cause = diagnosis.ranked().get(0);
      causeInterval = interval;
      causeRevision = diagnosis.revision();
    }
  }

  /** What its text names. */
  Set<ComponentId> components() {
    Set<ComponentId> named = new TreeSet<>();
    silent.forEach(node -> named.add(ComponentId.of(new NodeId(node))));
    Optional.ofNullable(cause).ifPresent(top -> named.add(top.component()));
    return named;
  }

  boolean isResolved() {
    return resolvedAt != null;
  }

  Instant lastAt() {
    return lastAt;
  }

  /** Ids of incidents are unique within a job alone. */
  String source() {
    return "incident:" + job + "/" + id;
  }

  /** What a reader needs to judge whether it is alike, and what helped. */
  Page page(List<ActionOutcome> outcomes) {
    Optional<RankedCause> top = Optional.ofNullable(cause);
    String blamed =
        top.map(c -> c.cause().label() + " at " + c.component()).orElse("no cause named");
    List<String> sentences = new ArrayList<>();
    sentences.add("Job " + job + (kind.isEmpty() ? "" : ", kind " + kind));
    if (!objectives.isEmpty()) {
      sentences.add("At risk: " + String.join(", ", objectives));
    }
    if (!silent.isEmpty()) {
      sentences.add("Silent: " + String.join(", ", silent));
    }
    sentences.add(
        top.map(
                c ->
                    String.format(
                        Locale.ROOT, "Cause: %s (%.0f %%)", blamed, 100 * c.probability()))
            .orElse("No cause was named"));
    if (outcomes.isEmpty()) {
      sentences.add("No action was taken");
    }
    outcomes.stream().limit(MOST_ACTIONS).map(IncidentCase::sentence).forEach(sentences::add);
    if (outcomes.size() > MOST_ACTIONS) {
      sentences.add((outcomes.size() - MOST_ACTIONS) + " more actions");
    }
    sentences.add(time());
    return new Page(
        Shelf.INCIDENTS,
        source(),
        top.map(c -> c.cause().label()).orElse(""),
        "Incident " + id + ": " + blamed + ", " + results(outcomes),
        PlainText.line(String.join(". ", sentences) + ".", Page.LONGEST));
  }

  private String time() {
    Instant end = resolvedAt == null ? lastAt : resolvedAt;
    return openedAt == null
        ? "Resolved " + end + ", when it began is no longer known"
        : "Opened " + openedAt + ", lasted " + lasted(Duration.between(openedAt, end));
  }

  private static String lasted(Duration time) {
    long seconds = Math.max(0, time.toSeconds());
    if (seconds < 120) {
      return seconds + " s";
    }
    return seconds < 7_200 ? seconds / 60 + " min" : seconds / 3_600 + " h";
  }

  private static String results(List<ActionOutcome> outcomes) {
    return outcomes.isEmpty()
        ? "no action"
        : outcomes.stream()
            .map(outcome -> word(outcome.result()))
            .distinct()
            .collect(Collectors.joining(", "));
  }

  private static String word(Result result) {
    return result.name().toLowerCase(Locale.ROOT);
  }

  private static String sentence(ActionOutcome outcome) {
    RecoveryAction action = outcome.plan().action();
    String did = "Action: " + action.kind() + " " + what(action) + ": " + word(outcome.result());
    return switch (outcome.result()) {
      case HELPED, UNDONE, KEPT ->
          did
              + String.format(
                  Locale.ROOT,
                  ", a step took %.0f ms before and %.0f ms after, training paused %d ms",
                  outcome.stepSecondsBefore() * 1e3,
                  outcome.stepSecondsAfter() * 1e3,
                  outcome.pauseMillis());
      case FAILED -> did + ", " + PlainText.line(outcome.detail(), LONGEST_REMARK);
      case NOTIFIED -> did;
    };
  }

  private static String what(RecoveryAction action) {
    if (action instanceof MoveLayers move) {
      return PlainText.line(move.from().describe() + " to " + move.to().describe(), LONGEST_REMARK);
    }
    return PlainText.line(((NotifyOperator) action).message(), LONGEST_REMARK);
  }
}
