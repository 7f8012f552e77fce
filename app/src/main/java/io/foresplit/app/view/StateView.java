package io.foresplit.app.view;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A job as it is now. Times are milliseconds since 1970.
 *
 * @param jobs every job the view knows
 * @param epoch topology epoch, -1 before the first topology
 * @param at end of the last closed interval
 * @param steps training steps since training began
 * @param latest last value of each series, by {@code component/METRIC}
 * @param faulty component that the open incident's diagnosis names
 */
public record StateView(
    List<String> jobs,
    String job,
    String model,
    double intervalSeconds,
    Phase phase,
    long epoch,
    String placement,
    long interval,
    long at,
    long steps,
    List<Node> nodes,
    List<Link> links,
    List<Goal> objectives,
    Map<String, Double> latest,
    List<ForecastView> forecasts,
    @Nullable String openIncident,
    @Nullable String faulty) {
  /** A node with the layers it holds. */
  public record Node(
      String id,
      double speed,
      boolean dataOwner,
      boolean labels,
      boolean silent,
      List<Layer> layers) {}

  /** A layer in its place. */
  public record Layer(int index, String name) {}

  /** A link as declared: bytes per second, seconds one way. */
  public record Link(String id, String from, String to, double rate, double delay) {}

  /** An objective and its risk in the open incident, 0 without one. */
  public record Goal(
      String id,
      String metric,
      double bound,
      String severity,
      double probability,
      boolean breached) {}
}
