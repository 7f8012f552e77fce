package io.foresplit.recovery;

import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.ForecastPace;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.OperatorCommand.Mode;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SplitTopology;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** What recovery knows of one job besides its journal. Not thread-safe. */
final class JobState {
  /** How far this controller is in taking over the job. */
  enum Lease {
    NONE,
    ASKED,
    TAKEN,
    FENCING,
    HELD
  }

  final JobId id;
  final JournalState journal = new JournalState();
  final JobHistory history = new JobHistory();
  Lease lease = Lease.NONE;
  Mode mode = Mode.AUTOMATIC;

  /** Whether the runtime owes an answer about the open action. */
  boolean awaitsRuntime;

  @Nullable SplitTopology topology;
  @Nullable IntervalTick tick;

  /** The newest diagnosis, for its conditions. */
  @Nullable Diagnosis latest;

  /** The last incident that is over. */
  private @Nullable Incident over;

  /** Diagnoses of intervals that are not closed yet, in order. */
  private final Queue<Diagnosis> coming = new ArrayDeque<>();

  /** The newest diagnosis that is still to be decided on. */
  @Nullable Diagnosis pending;

  /** Recommended moves that came too late, not told yet. */
  private int late;

  /** The last reason for putting the pending diagnosis off, so that it is told once. */
  String lastReason = "";

  JobState(JobId id) {
    this.id = id;
  }

  /** How often a job is forecast does not matter here. */
  void learn(JobRecord jobRecord) {
    if (jobRecord instanceof SplitTopology newer) {
      if (topology == null || newer.epoch() >= topology.epoch()) {
        topology = newer;
      }
    } else if (jobRecord instanceof SegmentMetrics metrics) {
      history.add(metrics);
    } else if (jobRecord instanceof IntervalTick closing) {
      history.close(closing);
      tick = closing;
    } else if (!(jobRecord instanceof ForecastPace)) {
      throw new IllegalStateException("unknown job record " + jobRecord);
    }
  }

  /**
   * A revision of what was acted on plans nothing, nor does a diagnosis read again after a restart;
   * but what they say of the conditions holds.
   */
  void learn(Diagnosis diagnosis) {
    if (diagnosis.equals(latest)) {
      return;
    }
    boolean newer = latest == null || isNewer(diagnosis, latest);
    if (newer) {
      latest = diagnosis;
      learn(diagnosis.incident());
    }
    if (newer && !journal.contains(Planner.actionId(diagnosis))) {
      coming.add(diagnosis);
    } else if (lease == Lease.HELD) {
      late += Planner.recommended(diagnosis).size();
    }
  }

  /** Recommended moves that came too late for a decision, since this was last asked. */
  int takeLate() {
    int taken = late;
    late = 0;
    return taken;
  }

  void learn(Incident incident) {
    if (incident.phase() == Incident.Phase.RESOLVED) {
      over = incident;
    }
  }

  /** Whether an incident was over before an interval that closes. */
  boolean isOver(Incident incident, long interval) {
    return over != null && over.id().equals(incident.id()) && over.interval() < interval;
  }

  /** The newest diagnosis of an interval before one that closes is the one to be decided on. */
  void admit(long interval) {
    while (!coming.isEmpty() && coming.peek().incident().interval() < interval) {
      pending = coming.remove();
      lastReason = "";
    }
  }

  private static boolean isNewer(Diagnosis a, Diagnosis b) {
    long later = a.incident().interval() - b.incident().interval();
    return later > 0 || (later == 0 && a.revision() > b.revision());
  }
}
