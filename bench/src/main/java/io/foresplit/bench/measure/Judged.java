package io.foresplit.bench.measure;

import io.foresplit.bench.measure.Alarm.Candidate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A run whose alarms have been held against its truth. Pure and immutable.
 *
 * <p>A fault that would breach an objective is due an alarm. An alarm is true when it opens in
 * [onset − one interval, end + {@value #GRACE_INTERVALS} intervals) of such a fault that no earlier
 * alarm has claimed. One fault is one incident: a further alarm in the window of a claimed fault is
 * a repeat. With several faults at once an alarm claims the one that it names best; it claims
 * others, whose windows meet the time it is open, only when it names all of them, component and
 * cause, among its first candidates, as many as there are faults to name. An alarm in nothing but
 * the window of a fault that breaches nothing is neither true nor false. Nothing is point-adjusted:
 * an alarm counts where it opens.
 *
 * @param verdicts on the alarms, in order of their opening
 * @param findings on the faults that are due an alarm, in the order of the run's truths
 */
public record Judged(Run run, List<Verdict> verdicts, List<Finding> findings) {
  /**
   * For how many report intervals after the end of a fault an alarm may still be on it: objectives
   * have to be missed for a while before an alarm may open.
   */
  public static final int GRACE_INTERVALS = 10;

  /** What an alarm was. */
  public enum Verdict {
    /** The first on a fault that is due one. */
    TRUE,
    /** Another on a fault that has been claimed; counts as false. */
    REPEAT,
    /** On no fault. */
    FALSE,
    /** On a fault that breaches nothing. */
    NEITHER
  }

  public Judged {
    verdicts = List.copyOf(verdicts);
    findings = List.copyOf(findings);
  }

  /** Holds a run's alarms against its truth. */
  public static Judged of(Run run) {
    List<Truth> due = run.truths().stream().filter(t -> t.breachSeconds() != null).toList();
    List<Truth> harmless = run.truths().stream().filter(t -> t.breachSeconds() == null).toList();
    Map<Integer, Claim> claims = new LinkedHashMap<>();
    List<Verdict> verdicts = new ArrayList<>();
    for (Alarm alarm :
        run.alarms().stream().sorted(Comparator.comparingDouble(Alarm::openedSeconds)).toList()) {
      double opened = alarm.openedSeconds();
      List<Integer> here = meeting(run, due, opened, opened);
      List<Integer> free = here.stream().filter(fault -> !claims.containsKey(fault)).toList();
      if (free.isEmpty()) {
        verdicts.add(
            !meeting(run, harmless, opened, opened).isEmpty()
                ? Verdict.NEITHER
                : here.isEmpty() ? Verdict.FALSE : Verdict.REPEAT);
        continue;
      }
      verdicts.add(Verdict.TRUE);
      List<Integer> claimed = claimed(run, due, alarm, free, claims);
      claimed.forEach(fault -> claims.put(fault, new Claim(alarm, claimed)));
    }
    List<Finding> findings = new ArrayList<>();
    for (int fault = 0; fault < due.size(); fault++) {
      Claim claim = claims.get(fault);
      findings.add(
          claim == null
              ? new Finding(due.get(fault), null, List.of())
              : new Finding(due.get(fault), claim.alarm, claim.answersTo(fault, due)));
    }
    return new Judged(run, verdicts, findings);
  }

  /** How many alarms had a verdict. */
  long count(Verdict verdict) {
    return verdicts.stream().filter(verdict::equals).count();
  }

  /** Things done that change the placement. */
  List<Act> changes() {
    return run.acts().stream().filter(Act::changes).toList();
  }

  /** Whether something was wrong with the job, or had just been, at a moment. */
  boolean isFaulty(double seconds) {
    return !meeting(run, run.truths(), seconds, seconds).isEmpty();
  }

  /** Faults whose windows meet a span of time. */
  private static List<Integer> meeting(Run run, List<Truth> truths, double from, double to) {
    List<Integer> met = new ArrayList<>();
    for (int fault = 0; fault < truths.size(); fault++) {
      Truth truth = truths.get(fault);
      double begin = truth.onsetSeconds() - run.intervalSeconds();
      double end = truth.endSeconds() + GRACE_INTERVALS * run.intervalSeconds();
      if (to >= begin && from < end) {
        met.add(fault);
      }
    }
    return met;
  }

  private static List<Integer> claimed(
      Run run, List<Truth> due, Alarm alarm, List<Integer> free, Map<Integer, Claim> claims) {
    List<Candidate> ranked = alarm.ranked();
    int best =
        free.stream()
            .min(
                Comparator.<Integer>comparingInt(fault -> Finding.rank(due.get(fault), ranked))
                    .thenComparingInt(fault -> componentRank(due.get(fault), ranked))
                    .thenComparingDouble(fault -> due.get(fault).onsetSeconds())
                    .thenComparingInt(fault -> fault))
            .orElseThrow();
    Double resolved = alarm.resolvedSeconds();
    List<Integer> together =
        meeting(
                run,
                due,
                alarm.openedSeconds(),
                resolved == null ? run.durationSeconds() : resolved)
            .stream()
            .filter(fault -> !claims.containsKey(fault))
            .toList();
    List<Candidate> heads = ranked.subList(0, Math.min(together.size(), ranked.size()));
    List<Integer> named =
        together.stream()
            .filter(fault -> heads.stream().anyMatch(head -> Finding.names(head, due.get(fault))))
            .toList();
    return named.contains(best) ? named : List.of(best);
  }

  private static int componentRank(Truth truth, List<Candidate> ranked) {
    for (int place = 0; place < ranked.size(); place++) {
      if (ranked.get(place).component().equals(truth.component())) {
        return place;
      }
    }
    return Integer.MAX_VALUE;
  }

  private record Claim(Alarm alarm, List<Integer> faults) {
    List<Candidate> answersTo(int fault, List<Truth> due) {
      return alarm.ranked().stream()
          .filter(
              answer ->
                  Finding.names(answer, due.get(fault))
                      || faults.stream().noneMatch(other -> Finding.names(answer, due.get(other))))
          .toList();
    }
  }
}
