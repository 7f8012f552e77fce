package io.foresplit.forecaster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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
  List<List<Quantiles>> ask(List<double[]> windows, int horizon) {
    return ask(windows, windows.stream().map(Season::of).toList(), horizon);
  }

  /**
   * The same where seasons are known.
   *
   * @param seasons one a window
   */
  List<List<Quantiles>> ask(List<double[]> windows, List<Season> seasons, int horizon) {
    List<List<Quantiles>> answers = new ArrayList<>();
    windows.forEach(window -> answers.add(new ArrayList<>()));
    for (Forecaster member : members) {
      if (member instanceof SeasonalForecaster seasonal) {
        for (int i = 0; i < windows.size(); i++) {
          answers.get(i).add(seasonal.forecast(windows.get(i), seasons.get(i), horizon));
        }
      } else {
        List<Quantiles> said = member.forecast(windows, horizon);
        for (int i = 0; i < windows.size(); i++) {
          answers.get(i).add(said.get(i));
        }
      }
    }
    return answers;
  }

  /** Who made a mixed forecast: names with their shares, the greatest first. */
  String nameOf(Mix mix) {
    double[] weights = mix.weights();
    List<Integer> used = new ArrayList<>();
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        used.add(i);
      }
    }
    used.sort((a, b) -> Double.compare(weights[b], weights[a]));
    if (used.size() == 1) {
      return members.get(used.get(0)).name();
    }
    String[] parts = new String[used.size()];
    Arrays.setAll(
        parts,
        i -> Math.round(100 * weights[used.get(i)]) + " % " + members.get(used.get(i)).name());
    return String.join(" + ", parts);
  }
}
