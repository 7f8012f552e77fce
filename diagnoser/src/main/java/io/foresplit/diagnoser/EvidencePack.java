package io.foresplit.diagnoser;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Evidence;
import io.foresplit.contract.Incident;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.Metric;
import io.foresplit.contract.SeriesKey;
import io.foresplit.diagnoser.Candidate.WhatIf;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The facts of a diagnosis, bounded, with ids {@code E1}, {@code E2}, …: first what bears on the
 * ranked causes, then whatever else changed most. Pure.
 *
 * @param facts in order of their ids
 * @param byCause ids that speak for each ranked candidate, at the same index
 */
record EvidencePack(List<Evidence> facts, List<List<String>> byCause) {
  private static final SeriesKey STEP = new SeriesKey(ComponentId.JOB, Metric.STEP_SECONDS);

  /** What-ifs are told for so many causes. */
  private static final int WHAT_IFS = 2;

  /** A change smaller than this many units of noise is none. */
  static final double NO_CHANGE = 2;

  /** A forecast that differs by less than this share says nothing new. */
  private static final double SAME_FORECAST = 0.1;

  /** Relative change of a step that counts as one unit in the score of a what-if. */
  private static final double WHAT_IF_UNIT = 0.045;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  EvidencePack {
    facts = List.copyOf(facts);
    byCause = byCause.stream().map(List::copyOf).toList();
  }

  static EvidencePack of(Scene scene, List<CauseRanker.Ranked> ranked, int limit) {
    return new Builder(scene, limit).build(ranked);
  }

  /** Collects facts until the limit. Not thread-safe. */
  private static final class Builder {
    private final Scene scene;
    private final Incident incident;
    private final int limit;
    private final List<Evidence> facts = new ArrayList<>();
    private final Map<SeriesKey, String> ids = new LinkedHashMap<>();

    private Builder(Scene scene, int limit) {
      this.scene = scene;
      this.incident = scene.incident();
      this.limit = limit;
    }

    private EvidencePack build(List<CauseRanker.Ranked> ranked) {
      List<List<String>> byCause = new ArrayList<>();
      for (int i = 0; i < ranked.size(); i++) {
        Candidate candidate = ranked.get(i).candidate();
        Set<String> cited = new LinkedHashSet<>();
        for (SeriesKey series : candidate.series()) {
          cite(series).ifPresent(cited::add);
        }
        if (i < WHAT_IFS) {
          candidate.whatIf().flatMap(w -> whatIf(candidate, w)).ifPresent(cited::add);
        }
        byCause.add(List.copyOf(cited));
      }
      cite(STEP);
      cite(new SeriesKey(ComponentId.JOB, Metric.LOSS));
      ChangeEvents.near(scene.topologies(), scene.onset()).forEach(this::event);
      scene.changes().values().stream()
          .filter(change -> Math.abs(change.score()) >= NO_CHANGE)
          .sorted(Comparator.comparingDouble((Change c) -> Math.abs(c.score())).reversed())
          .forEach(change -> cite(change.series()));
      return new EvidencePack(facts, byCause);
    }

    /** What was changed is no deviation, so it has no score; the step time is told with it. */
    private void event(String statement) {
      Optional<Change> step = Optional.ofNullable(scene.changes().get(STEP));
      if (facts.size() < limit) {
        double healthy = step.map(Change::healthy).orElse(0.0);
        double current = step.map(Change::current).orElse(0.0);
        facts.add(new Evidence(nextId(), STEP, healthy, current, 0, statement));
      }
    }

    private Optional<String> cite(SeriesKey series) {
      String known = ids.get(series);
      if (known != null) {
        return Optional.of(known);
      }
      Optional<Evidence> fact =
          isSilent(series)
              ? Optional.of(silence(series))
              : Optional.ofNullable(scene.changes().get(series)).map(this::changed);
      if (fact.isEmpty() || facts.size() >= limit) {
        return Optional.empty();
      }
      facts.add(fact.get());
      ids.put(series, fact.get().id());
      return Optional.of(fact.get().id());
    }

    private String nextId() {
      return "E" + (facts.size() + 1);
    }

    private boolean isSilent(SeriesKey series) {
      return series.metric() == Metric.CPU_SHARE
          && !series.component().isLink()
          && incident.silent().contains(series.component().from());
    }

    private Evidence silence(SeriesKey series) {
      String statement =
          "node "
              + series.component()
              + " sent no report at "
              + TIME.format(incident.at())
              + " UTC";
      return new Evidence(nextId(), series, 1, 0, 0, statement);
    }

    private Evidence changed(Change change) {
      SeriesKey series = change.series();
      Metric metric = series.metric();
      String healthy = Words.value(metric, change.healthy());
      String current = Words.value(metric, change.current());
      String statement = Words.of(series);
      if (Math.abs(change.score()) < NO_CHANGE) {
        statement += " stayed near " + healthy + ", now " + current;
      } else {
        statement +=
            (change.score() > 0 ? " rose from " : " fell from ")
                + healthy
                + " to "
                + current
                + relative(change)
                + " since about "
                + TIME.format(scene.onset())
                + " UTC";
      }
      statement += forecast(change).map(f -> "; forecast " + Words.value(metric, f)).orElse("");
      return new Evidence(
          nextId(), series, change.healthy(), change.current(), change.score(), statement);
    }

    private static String relative(Change change) {
      double ratio = change.ratio();
      if (!change.series().metric().isScale() || !(ratio > 0) || ratio > 1000) {
        return "";
      }
      return ratio >= 3
          ? String.format(Locale.ROOT, " (%.1f times)", ratio)
          : String.format(Locale.ROOT, " (%+.0f %%)", 100 * (ratio - 1));
    }

    private Optional<Double> forecast(Change change) {
      Conditions expected = incident.expected();
      ComponentId component = change.series().component();
      LinkCondition link = expected.links().get(component);
      Optional<Double> value =
          switch (change.series().metric()) {
            case LINK_RATE -> Optional.ofNullable(link).map(LinkCondition::bytesPerSecond);
            case LINK_DELAY_SECONDS -> Optional.ofNullable(link).map(LinkCondition::delaySeconds);
            case SLOWDOWN -> Optional.ofNullable(expected.slowdowns().get(component.from()));
            default -> Optional.empty();
          };
      return value.filter(
          v -> Math.abs(v - change.current()) > SAME_FORECAST * Math.abs(change.current()));
    }

    private Optional<String> whatIf(Candidate candidate, WhatIf whatIf) {
      if (facts.size() >= limit || whatIf.gainSeconds() <= 0) {
        return Optional.empty();
      }
      String id = nextId();
      facts.add(
          new Evidence(
              id,
              STEP,
              whatIf.healedSeconds(),
              whatIf.seconds(),
              Math.log(whatIf.seconds() / Math.max(whatIf.healedSeconds(), 1e-9)) / WHAT_IF_UNIT,
              "the step time model predicts "
                  + Words.seconds(whatIf.seconds())
                  + " a step under the "
                  + (whatIf.forecast() ? "forecast" : "measured")
                  + " conditions, and "
                  + Words.seconds(whatIf.healedSeconds())
                  + " without the "
                  + candidate.cause().label()
                  + " of "
                  + candidate.component()));
      return Optional.of(id);
    }
  }

  /** The facts that speak for the top cause; empty when none is ranked. */
  List<String> forTop() {
    return byCause.isEmpty() ? Collections.emptyList() : byCause.get(0);
  }
}
