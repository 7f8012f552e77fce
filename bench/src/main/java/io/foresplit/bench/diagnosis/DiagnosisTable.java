package io.foresplit.bench.diagnosis;

import io.foresplit.bench.scenario.Truths.Struck;
import io.foresplit.contract.RankedCause;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How often diagnoses are right. Of an incident by one fault counts its first diagnosis: whether
 * the component, or the cause, that it names first is the true one; to name none is wrong. Of an
 * incident by two faults counts the last diagnosis made while both are there: whether both pairs
 * are among the first three. Pure.
 */
public final class DiagnosisTable {
  private static final int FIRST = 3;
  private static final int BANDS = 5;

  private final List<KnownDiagnosis> single;
  private final List<KnownDiagnosis> twofold;

  private DiagnosisTable(List<KnownDiagnosis> single, List<KnownDiagnosis> twofold) {
    this.single = single;
    this.twofold = twofold;
  }

  /** The table of diagnoses in the order in which they were made. */
  public static DiagnosisTable of(List<KnownDiagnosis> known) {
    Map<String, KnownDiagnosis> twofold = new LinkedHashMap<>();
    known.stream()
        .filter(one -> one.struck().size() == 2 && one.present() == 2)
        .forEach(one -> twofold.put(one.incident(), one));
    return new DiagnosisTable(
        known.stream().filter(one -> one.first() && one.struck().size() == 1).toList(),
        List.copyOf(twofold.values()));
  }

  /** For people: a line a kind of fault, a line a topology, and how far probabilities are right. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    StringBuilder head =
        new StringBuilder(String.format(Locale.ROOT, "%-26s%6s", "one fault", "n"));
    for (int error : DiagnosisSampler.ONSET_ERRORS_SECONDS) {
      head.append(
          String.format(
              Locale.ROOT, "%24s", "component, cause" + (error == 0 ? "" : signed(error))));
    }
    lines.add(head.toString());
    by(single, KnownDiagnosis::kind).forEach((kind, its) -> lines.add(ofOne(kind, its)));
    by(single, KnownDiagnosis::topology).forEach((name, its) -> lines.add(ofOne(name, its)));
    lines.add(ofOne("all", single));
    lines.add("");
    lines.add("two faults, both among the first " + FIRST);
    by(twofold, KnownDiagnosis::topology).forEach((name, its) -> lines.add(ofTwo(name, its)));
    lines.add(ofTwo("all", twofold));
    lines.add("");
    lines.add("one fault, probability of the first cause, and share that is right");
    lines.addAll(reliability());
    return lines;
  }

  private static String signed(int seconds) {
    return String.format(Locale.ROOT, " %+d s", seconds);
  }

  private static SortedMap<String, List<KnownDiagnosis>> by(
      List<KnownDiagnosis> known, Function<KnownDiagnosis, String> trait) {
    SortedMap<String, List<KnownDiagnosis>> groups = new TreeMap<>();
    known.forEach(one -> groups.computeIfAbsent(trait.apply(one), t -> new ArrayList<>()).add(one));
    return groups;
  }

  private static String ofOne(String name, List<KnownDiagnosis> known) {
    return line(
        name,
        known,
        error ->
            String.format(
                Locale.ROOT,
                "%14.0f %%%6.0f %%",
                100 * share(known, one -> isComponentFirst(one, error) ? 1 : 0),
                100 * share(known, one -> isCauseFirst(one, error) ? 1 : 0)));
  }

  private static String ofTwo(String name, List<KnownDiagnosis> known) {
    return line(
        name,
        known,
        error ->
            String.format(
                Locale.ROOT,
                "%22.0f %%",
                100 * share(known, one -> areBothNamed(one, error) ? 1 : 0)));
  }

  /** With a cell for each onset that is told. */
  private static String line(String name, List<KnownDiagnosis> known, IntFunction<String> cell) {
    return String.format(Locale.ROOT, "%-26s%6d", name, known.size())
        + IntStream.range(0, DiagnosisSampler.ONSET_ERRORS_SECONDS.size())
            .mapToObj(cell)
            .collect(Collectors.joining());
  }

  private static double share(List<KnownDiagnosis> known, ToDoubleFunction<KnownDiagnosis> right) {
    return known.stream().mapToDouble(right).average().orElse(Double.NaN);
  }

  private static boolean isComponentFirst(KnownDiagnosis known, int error) {
    return known.named().get(error).stream()
        .limit(1)
        .anyMatch(cause -> cause.component().equals(known.struck().get(0).component()));
  }

  private static boolean isCauseFirst(KnownDiagnosis known, int error) {
    return known.named().get(error).stream()
        .limit(1)
        .anyMatch(cause -> cause.cause() == known.struck().get(0).cause());
  }

  private static boolean areBothNamed(KnownDiagnosis known, int error) {
    List<RankedCause> first = known.named().get(error).stream().limit(FIRST).toList();
    return known.struck().stream()
        .allMatch(struck -> first.stream().anyMatch(cause -> isPair(cause, struck)));
  }

  private static boolean isPair(RankedCause cause, Struck struck) {
    return cause.cause() == struck.cause() && cause.component().equals(struck.component());
  }

  private List<String> reliability() {
    List<List<KnownDiagnosis>> bands = new ArrayList<>();
    for (int band = 0; band < BANDS; band++) {
      bands.add(new ArrayList<>());
    }
    for (KnownDiagnosis known : single) {
      known.named().get(0).stream()
          .findFirst()
          .ifPresent(
              top -> bands.get(Math.min(BANDS - 1, (int) (BANDS * top.probability()))).add(known));
    }
    List<String> lines = new ArrayList<>();
    for (List<KnownDiagnosis> band : bands) {
      if (!band.isEmpty()) {
        lines.add(
            String.format(
                Locale.ROOT,
                "%10.2f%8.2f%6d",
                share(band, one -> one.named().get(0).get(0).probability()),
                share(band, one -> isPair(one.named().get(0).get(0), one.struck().get(0)) ? 1 : 0),
                band.size()));
      }
    }
    return lines;
  }

  /** Those that are wrong, for whoever wants to know why. */
  public List<String> wrong() {
    List<String> lines = new ArrayList<>();
    single.stream()
        .filter(one -> !isComponentFirst(one, 0) || !isCauseFirst(one, 0))
        .forEach(one -> lines.add(told(one)));
    twofold.stream().filter(one -> !areBothNamed(one, 0)).forEach(one -> lines.add(told(one)));
    return lines;
  }

  private static String told(KnownDiagnosis known) {
    return known.incident()
        + ": "
        + known.struck().stream().map(s -> s.cause().label() + " of " + s.component()).toList()
        + ", named "
        + known.named().get(0).stream()
            .map(
                r ->
                    String.format(
                        Locale.ROOT,
                        "%s of %s %.2f",
                        r.cause().label(),
                        r.component(),
                        r.probability()))
            .toList();
  }
}
