package io.foresplit.forecaster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Forecasters that are all asked about the same windows, so that they can be compared and mixed.
 * The first one is trusted until there is evidence. The season of a window is found once; a window
 * goes to each forecaster with all others of a moment.
 */
record Panel(List<Forecaster> members) {
  /** What needs no model. */
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

  /** How much each member is trusted on a window before there is evidence. */
  double[] trust(double[] window) {
    int present = Robust.countPresent(window);
    return members.stream().mapToDouble(member -> member.trust(present)).toArray();
  }

  /** Number of the one that follows a bend soonest; the first if none is made for it. */
  int follower() {
    for (int i = 0; i < members.size(); i++) {
      if (members.get(i) instanceof DriftForecaster) {
        return i;
      }
    }
    return 0;
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
    Map<String, Double> shares = new TreeMap<>();
    for (int i = 0; i < said.size(); i++) {
      if (mix.weights()[i] > 0) {
        shares.merge(said.get(i).forecaster(), mix.weights()[i], Double::sum);
      }
    }
    String name =
        shares.size() == 1
            ? shares.keySet().iterator().next()
            : shares.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .map(share -> Math.round(100 * share.getValue()) + " % " + share.getKey())
                .collect(Collectors.joining(" + "));
    return new Served(mix.of(quantiles(said)), name);
  }

  static List<Quantiles> quantiles(List<Served> said) {
    return said.stream().map(Served::quantiles).toList();
  }
}
