package io.foresplit.app.demo;

import io.foresplit.app.training.RunRecorder;
import io.foresplit.app.training.RunRecorder.Interval;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.Metric;
import io.foresplit.contract.Objective;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.Reasoning;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.RecoveryPlan;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the terminal shows while the demo runs, and the table at its end. Not thread-safe. */
final class DemoScreen {
  private final PrintStream out;
  private final JobSpec job;
  private final Instant start;
  private int incidentsShown;
  private int diagnosesShown;
  private int journalShown;
  private int outcomesShown;

  DemoScreen(PrintStream out, JobSpec job, Instant start) {
    this.out = out;
    this.job = job;
    this.start = start;
  }

  void heading() {
    out.println();
    out.println("     time  phase        steps/s    loss  step time  forecast  objective");
  }

  /** One line of progress from the last intervals. */
  void progress(RunRecorder run) {
    events(run);
    List<Interval> intervals = run.intervals();
    if (intervals.isEmpty()) {
      return;
    }
    List<Interval> recent = intervals.subList(Math.max(0, intervals.size() - 10), intervals.size());
    Interval last = recent.get(recent.size() - 1);
    Interval first = recent.stream().filter(i -> i.steps() >= 0).findFirst().orElse(last);
    double span = Duration.between(first.end(), last.end()).toMillis() / 1000.0;
    double rate =
        span > 0 && last.steps() >= 0 ? (last.steps() - first.steps()) / span : Double.NaN;
    double bound = bound();
    out.printf(
        Locale.ROOT,
        "%7.0f s  %-11s  %7s  %6s  %9s  %8s  %9s%n",
        at(last.end()),
        phase(run),
        number(rate, "%.1f"),
        number(mean(recent, true), "%.2f"),
        millis(mean(recent, false)),
        millis(run.forecastStepSeconds()),
        millis(bound));
  }

  private static double mean(List<Interval> intervals, boolean loss) {
    return intervals.stream()
        .mapToDouble(i -> loss ? i.loss() : i.stepSeconds())
        .filter(v -> !Double.isNaN(v))
        .average()
        .orElse(Double.NaN);
  }

  private double bound() {
    return job.objectives().stream()
        .filter(o -> o.metric() == Metric.STEP_SECONDS)
        .mapToDouble(Objective::bound)
        .findFirst()
        .orElse(Double.NaN);
  }

  private static String phase(RunRecorder run) {
    List<Incident> incidents = run.incidents();
    if (incidents.isEmpty()) {
      return run.forecaster().isEmpty() ? "warming up" : "healthy";
    }
    if (incidents.get(incidents.size() - 1).phase() == Incident.Phase.RESOLVED) {
      return "recovered";
    }
    return run.journal().stream().anyMatch(e -> e instanceof JournalEntry.Executed)
        ? "recovering"
        : "incident";
  }

  /** A line for each thing that happened since the last call. */
  void events(RunRecorder run) {
    List<Incident> incidents = run.incidents();
    for (; incidentsShown < incidents.size(); incidentsShown++) {
      show(incidents.get(incidentsShown));
    }
    List<Diagnosis> diagnoses = run.diagnoses();
    for (; diagnosesShown < diagnoses.size(); diagnosesShown++) {
      show(diagnoses.get(diagnosesShown));
    }
    List<JournalEntry> journal = run.journal();
    for (; journalShown < journal.size(); journalShown++) {
      show(journal.get(journalShown));
    }
    List<ActionOutcome> outcomes = run.outcomes();
    for (; outcomesShown < outcomes.size(); outcomesShown++) {
      show(outcomes.get(outcomesShown));
    }
  }

  private void show(Incident incident) {
    switch (incident.phase()) {
      case OPEN -> {
        String what =
            incident.risks().stream()
                .max((a, b) -> Double.compare(a.probability(), b.probability()))
                .map(r -> describe(incident, r))
                .orElse("silent: " + incident.silent());
        event(incident.at(), "incident", incident.id() + " opened: " + what);
      }
      case UPDATED -> {}
      case RESOLVED -> event(incident.at(), "incident", incident.id() + " resolved");
    }
  }

  private String describe(Incident incident, BreachRisk risk) {
    if (risk.breached()) {
      return "objective " + risk.objective() + " is breached";
    }
    double ahead =
        (risk.expectedInterval() - incident.interval()) * job.interval().toMillis() / 1000.0;
    return String.format(
        Locale.ROOT,
        "objective %s will be breached%s (probability %.2f)",
        risk.objective(),
        risk.expectedInterval() < 0 ? " soon" : String.format(Locale.ROOT, " in %.0f s", ahead),
        risk.probability());
  }

  private void show(Diagnosis diagnosis) {
    if (diagnosis.reasoning().isPresent()) {
      explained(diagnosis.reasoning().get());
      return;
    }
    if (diagnosis.revision() > 0) {
      return;
    }
    Instant at = diagnosis.incident().at();
    if (diagnosis.abstained()) {
      event(at, "diagnosis", "no cause stands out");
      return;
    }
    RankedCause top = diagnosis.ranked().get(0);
    event(
        at,
        "diagnosis",
        String.format(
            Locale.ROOT,
            "%s on %s (%.2f)",
            top.cause().label(),
            top.component(),
            top.probability()));
    diagnosis.evidence().stream()
        .filter(e -> top.evidence().contains(e.id()))
        .limit(3)
        .forEach(e -> event(null, "", e.id() + " " + e.statement()));
  }

  /** It comes a while after its incident, so without the time of that. */
  private void explained(Reasoning reasoning) {
    event(null, "model", reasoning.model() + " explains, checked against the evidence:");
    reasoning.steps().forEach(step -> event(null, "", step.claim() + " " + step.evidence()));
  }

  private void show(JournalEntry entry) {
    if (entry instanceof JournalEntry.Intended intended) {
      intent(intended.at(), "action", intended.plan());
    } else if (entry instanceof JournalEntry.UndoIntended undo) {
      intent(undo.at(), "undo", undo.reverse());
    } else if (entry instanceof JournalEntry.Executed executed) {
      event(
          executed.at(),
          "action",
          "moved, epoch " + executed.epoch() + ", pause " + executed.pauseMillis() + " ms");
    } else if (entry instanceof JournalEntry.Failed failed) {
      event(failed.at(), "action", "not done: " + failed.reason());
    }
  }

  private void intent(Instant at, String label, RecoveryPlan plan) {
    if (plan.action() instanceof MoveLayers move) {
      event(
          at,
          label,
          move.from().describe()
              + "  →  "
              + move.to().describe()
              + String.format(
                  Locale.ROOT,
                  ", step %s instead of %s expected",
                  millis(plan.predictedAfterSeconds()),
                  millis(plan.predictedBeforeSeconds())));
    }
  }

  private void show(ActionOutcome outcome) {
    event(
        null,
        "outcome",
        outcome.result().name().toLowerCase(Locale.ROOT)
            + (outcome.detail().isEmpty() ? "" : ": " + outcome.detail()));
  }

  private void event(@Nullable Instant at, String label, String text) {
    out.printf(
        Locale.ROOT,
        "%9s  %-11s  %s%n",
        at == null ? "" : String.format(Locale.ROOT, "%.1f s", at(at)),
        label,
        text);
  }

  private double at(Instant instant) {
    return Duration.between(start, instant).toMillis() / 1000.0;
  }

  /** The table at the end. */
  void summary(DemoReport r) {
    out.println();
    out.println("Summary");
    row(
        "fault",
        r.fault().component() == null
            ? "none"
            : String.format(
                Locale.ROOT,
                "%s on %s, from %.1f s over %.0f s, size %.1f",
                r.fault().kind(),
                r.fault().component(),
                r.fault().injectedAt(),
                r.fault().rampSeconds(),
                r.fault().size()));
    row(
        "breach",
        "unprotected "
            + at(r.unprotected().breachedAt())
            + " ("
            + r.unprotected().source()
            + "), this run "
            + at(r.objective().breachedAt()));
    row(
        "alarm",
        at(r.alarm().at())
            + (r.alarm().leadSeconds() == null
                ? ""
                : String.format(Locale.ROOT, ", lead time %.1f s", r.alarm().leadSeconds())));
    row(
        "cause",
        (r.diagnosis().cause() == null
                ? "none named"
                : r.diagnosis().cause() + " on " + r.diagnosis().component())
            + (r.fault().component() == null
                ? ""
                : "; injected " + r.fault().kind() + " on " + r.fault().component()));
    row(
        "action",
        r.action().kind()
            + (r.action().moves() == 0
                ? ""
                : String.format(
                    Locale.ROOT,
                    ", %d move%s: %s → %s (%s)",
                    r.action().moves(),
                    r.action().moves() == 1 ? "" : "s",
                    r.action().from(),
                    r.action().to(),
                    r.action().result())));
    row("pause", r.action().pauseMillis() == null ? "–" : r.action().pauseMillis() + " ms");
    row("steps", r.training().steps() + " committed, " + r.training().stepsLost() + " lost");
    row(
        "throughput",
        String.format(
            Locale.ROOT,
            "before %s, during %s, after %s, attainable %s steps/s",
            number(r.throughput().before()),
            number(r.throughput().during()),
            number(r.throughput().after()),
            number(r.throughput().attainable())));
    row("verdict", r.passed() ? "passed" : "not passed: " + String.join("; ", r.problems()));
  }

  private void row(String name, String value) {
    out.printf(Locale.ROOT, "  %-11s %s%n", name, value);
  }

  private static String at(@Nullable Double seconds) {
    return seconds == null ? "never" : String.format(Locale.ROOT, "at %.1f s", seconds);
  }

  private static String number(@Nullable Double value) {
    return value == null ? "–" : String.format(Locale.ROOT, "%.2f", value);
  }

  private static String number(double value, String format) {
    return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, format, value);
  }

  private static String millis(double seconds) {
    return Double.isNaN(seconds) ? "–" : String.format(Locale.ROOT, "%.0f ms", seconds * 1000);
  }
}
