package io.foresplit.bench.diagnosis;

import io.foresplit.bench.evaluate.Stages;
import io.foresplit.bench.scenario.Truths.Struck;
import io.foresplit.contract.Diagnosis;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** How often statistics, a language model alone, and both together are right. Pure. */
public final class ModelTable {
  /**
   * What was said of one incident.
   *
   * @param alone what the model named, told facts and not what statistics made of them; empty when
   *     it gave no answer
   * @param both the diagnosis as the service would publish it after asking the model; empty when
   *     the model's answer was dropped
   */
  public record Said(ModelCase asked, Optional<Struck> alone, Optional<Diagnosis> both) {
    private Optional<Struck> byStatistics() {
      return first(asked.diagnosis());
    }

    private Optional<Struck> together() {
      return first(both.orElse(asked.diagnosis()));
    }

    private static Optional<Struck> first(Diagnosis diagnosis) {
      return diagnosis.top().map(top -> new Struck(top.component(), top.cause()));
    }

    private boolean isComponentRight(Optional<Struck> named) {
      return named.filter(n -> n.component().equals(asked.struck().component())).isPresent();
    }

    private boolean isCauseRight(Optional<Struck> named) {
      return named.filter(n -> n.cause() == asked.struck().cause()).isPresent();
    }
  }

  private ModelTable() {}

  /** For people: a line a kind of fault, and one for all. */
  public static List<String> lines(List<Said> said) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%-26s%5s%22s%22s%22s%12s",
            "component, cause right",
            "n",
            "statistics",
            "model alone",
            "both",
            "accepted"));
    for (String kind :
        said.stream()
            .map(one -> one.asked().kind())
            .collect(Collectors.toCollection(TreeSet::new))) {
      lines.add(line(kind, said.stream().filter(one -> one.asked().kind().equals(kind)).toList()));
    }
    lines.add(line("all", said));
    WeighedMoves moves = moves(said);
    lines.add(
        "moves recommended "
            + moves.recommended()
            + ", had they come in time: refused by a rule of the job "
            + moves.refused()
            + ", made rather than the planner's own "
            + moves.won());
    return lines;
  }

  private static WeighedMoves moves(List<Said> said) {
    Stages stages = Stages.ofService();
    return said.stream()
        .flatMap(
            one ->
                one.both().stream()
                    .map(both -> WeighedMoves.of(stages, both, one.asked().topology())))
        .reduce(WeighedMoves.NONE, WeighedMoves::plus);
  }

  private static String line(String name, List<Said> said) {
    return String.format(
        Locale.ROOT,
        "%-26s%5d%12.0f %%%6.0f %%%12.0f %%%6.0f %%%12.0f %%%6.0f %%%10.0f %%",
        name,
        said.size(),
        percent(said, one -> one.isComponentRight(one.byStatistics())),
        percent(said, one -> one.isCauseRight(one.byStatistics())),
        percent(said, one -> one.isComponentRight(one.alone())),
        percent(said, one -> one.isCauseRight(one.alone())),
        percent(said, one -> one.isComponentRight(one.together())),
        percent(said, one -> one.isCauseRight(one.together())),
        percent(said, one -> one.both().isPresent()));
  }

  private static double percent(List<Said> said, Predicate<Said> right) {
    return said.stream().mapToDouble(one -> right.test(one) ? 100 : 0).average().orElse(Double.NaN);
  }
}
