package io.foresplit.forecaster;

import io.foresplit.contract.ObjectiveId;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.SplitTopology;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All that {@link ForecastStage} remembers of one job. Bounded; {@link JobStateCodec} turns it into
 * bytes between intervals. Mutable, not thread-safe, owned by one task.
 */
public final class JobState {
  private final int capacity;
  private final Panel panel;
  private final int horizon;
  private final Map<SeriesKey, SeriesModel> models = new TreeMap<>();
  private final Map<ObjectiveId, ObjectiveWatch> watches = new TreeMap<>();
  private final IncidentRule.IncidentState incidents = new IncidentRule.IncidentState();
  private final ResidualTracker residuals = new ResidualTracker();
  private final SeriesWindow logRatio;
  private WindowAssembler windows;
  private @Nullable SplitTopology topology;
  private long ticks;
  private int calmTicks;

  JobState(int capacity, Panel panel, int horizon) {
    this.capacity = capacity;
    this.panel = panel;
    this.horizon = horizon;
    this.logRatio = new SeriesWindow(capacity);
    this.windows = new WindowAssembler(capacity);
  }

  /** Forgets everything: the job was declared anew. */
  void reset() {
    models.clear();
    watches.clear();
    incidents.setOpen(null);
    incidents.silentRuns().clear();
    residuals.clear();
    logRatio.clear();
    windows = new WindowAssembler(capacity);
    topology = null;
    ticks = 0;
    calmTicks = 0;
  }

  WindowAssembler windows() {
    return windows;
  }

  ResidualTracker residuals() {
    return residuals;
  }

  /** Logarithm of measured over predicted step time at this epoch, one value a tick. */
  SeriesWindow logRatio() {
    return logRatio;
  }

  IncidentRule.IncidentState incidents() {
    return incidents;
  }

  SeriesModel model(SeriesKey series) {
    return models.computeIfAbsent(series, key -> new SeriesModel(key, panel, horizon));
  }

  Map<SeriesKey, SeriesModel> models() {
    return models;
  }

  ObjectiveWatch watch(ObjectiveId objective) {
    return watches.computeIfAbsent(objective, id -> new ObjectiveWatch());
  }

  Map<ObjectiveId, ObjectiveWatch> watches() {
    return watches;
  }

  /** Intervals in a row in which no step ended although all nodes reported. */
  int standing() {
    return watches.values().stream().mapToInt(ObjectiveWatch::standing).max().orElse(0);
  }

  @Nullable SplitTopology topology() {
    return topology;
  }

  void setTopology(SplitTopology newTopology) {
    topology = newTopology;
  }

  /** Intervals of the job closed so far. */
  long ticks() {
    return ticks;
  }

  void setTicks(long count) {
    ticks = count;
  }

  /** Intervals for which a forecast of a calm series serves, as recorded; 0 if nothing was. */
  public int calmTicks() {
    return calmTicks;
  }

  void setCalmTicks(int count) {
    calmTicks = count;
  }

  /** Whether an incident is open. */
  public boolean hasIncident() {
    return incidents.open() != null;
  }
}
