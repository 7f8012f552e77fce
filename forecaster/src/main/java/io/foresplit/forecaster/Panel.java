package io.foresplit.forecaster;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Forecasters that are all asked about the same windows, so that they can be compared and mixed.
 * The season of a window is found once; a window goes to each forecaster with all others of a
 * moment.
 */
record Panel(List<Forecaster> members) {
  /** What needs no model; the first one follows a trend soonest. */
  static final Panel BASELINES =
      new Panel(
          List.of(
              new DriftForecaster(),
              new LastValueForecaster(),
              new HoltForecaster(),
              new SeasonalNaiveForecaster(),
              new SeasonalMeanForecaster(),
              new SeasonalLevelForecaster()));

  Panel {
    members = List.copyOf(members);
    if (members.isEmpty()) {
      throw new IllegalArgumentException("a panel needs a forecaster, had none");
    }
  }

  int size() {
    return members.size();
  }

  /**
   * What each member says about each window.
   *
   * @return one list a window, in its order, of one answer a member
   */
  List<List<Served>> ask(List<double[]> windows, int horizon) {
    return ask(windows, windows.stream().map(Season::of).toList(), horizon);
  }

  /**
   * The same where seasons are known.
   *
   * @param seasons one a window
   */
  List<List<Served>> ask(List<double[]> windows, List<Season> seasons, int horizon) {
    List<List<Served>> answers = new ArrayList<>();
    windows.forEach(window -> answers.add(new ArrayList<>()));
    for (Forecaster member : members) {
      if (member instanceof SeasonalForecaster seasonal) {
        for (int i = 0; i < windows.size(); i++) {
          Quantiles said = seasonal.forecast(windows.get(i), seasons.get(i), horizon);
          answers.get(i).add(new Served(said, seasonal.name()));
        }
      } else {
        List<Served> said = member.serve(windows, horizon);
        for (int i = 0; i < windows.size(); i++) {
          answers.get(i).add(said.get(i));
        }
      }
    }
    return answers;
  }

  /** What was said, mixed; who said it is named with its share, the greatest first. */
  static Served mixed(Mix mix, List<Served> said) {
    double[] weights = mix.weights();
    List<Integer> used =
        IntStream.range(0, weights.length)
            .filter(i -> weights[i] > 0)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -weights[i]))
            .toList();
    String name =
        used.size() == 1
            ? said.get(used.get(0)).forecaster()
            : used.stream()
                .map(i -> Math.round(100 * weights[i]) + " % " + said.get(i).forecaster())
                .collect(Collectors.joining(" + "));
    return new Served(mix.of(quantiles(said)), name);
  }

  static List<Quantiles> quantiles(List<Served> said) {
    return said.stream().map(Served::quantiles).toList();
  }
}
