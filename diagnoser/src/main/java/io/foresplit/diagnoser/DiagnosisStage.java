package io.foresplit.diagnoser;

import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.SplitTopology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Decides the causes of incidents: one diagnosis for each record of an incident that is not {@link
 * Incident.Phase#RESOLVED}, its revision growing by one within the incident. An incident of
 * interval n waits until the tick of n was seen, and is judged by the log up to n alone, so that
 * the order in which the two topics arrive changes nothing. Reads no clock. Not thread-safe; its
 * {@link #history()} is.
 */
public final class DiagnosisStage {
  /** The reasoner of a diagnosis in which no language model took part. */
  public static final String REASONER = "statistics";

  /** Placements kept a job, for incidents that opened at an earlier epoch. */
  static final int TOPOLOGIES_KEPT = 16;

  /** Incidents that may wait for their tick, a job. */
  static final int MOST_WAITING = 64;

  private final DiagnoserConfig config;
  private final MetricRing ring;
  private final ChangeDetector detector;
  private final CauseRanker ranker;
  private final Map<JobId, JobState> jobs = new HashMap<>();

  public DiagnosisStage(DiagnoserConfig config, PlacementPlanner planner) {
    this(config, planner, LearningModel.bundled());
  }

  /**
   * @param learning tells by which cause learning suffers
   */
  public DiagnosisStage(
      DiagnoserConfig config, PlacementPlanner planner, LearningClassifier learning) {
    this.config = config;
    this.ring = new MetricRing(config.historyIntervals());
    this.detector = new ChangeDetector(ring, config);
    this.ranker = new CauseRanker(config, planner, learning);
  }

  /** What a job needs beside its history. Mutable, not thread-safe. */
  private static final class JobState {
    private final TreeMap<Long, SplitTopology> topologies = new TreeMap<>();
    private final List<Incident> waiting = new ArrayList<>();
    private @Nullable Diagnosis latest;
    private long lastTick = -1;
  }

  /** The metrics diagnoses are made from. */
  public MetricRing history() {
    return ring;
  }

  /** The next record of a job's log. */
  public List<Diagnosis> on(JobRecord record) {
    JobState state = state(record.jobId());
    ring.on(record);
    if (record instanceof SplitTopology topology) {
      state.topologies.put(topology.epoch(), topology);
      while (state.topologies.size() > TOPOLOGIES_KEPT) {
        state.topologies.pollFirstEntry();
      }
    } else if (record instanceof IntervalTick tick) {
      state.lastTick = Math.max(state.lastTick, tick.interval());
      return diagnoseWaiting(state);
    }
    return List.of();
  }

  /** The next incident record of a job. */
  public List<Diagnosis> on(Incident incident) {
    if (incident.phase() == Incident.Phase.RESOLVED) {
      return List.of();
    }
    JobState state = state(incident.job());
    state.waiting.add(incident);
    if (state.waiting.size() > MOST_WAITING) {
      state.waiting.remove(0);
    }
    return diagnoseWaiting(state);
  }

  /** After a restart: the diagnosis made last for a job, so that revisions go on from it. */
  public void resume(Diagnosis latest) {
    state(latest.incident().job()).latest = latest;
  }

  /** Incident records of a job that wait for their tick, oldest first. */
  public List<Incident> waiting(JobId job) {
    JobState state = jobs.get(job);
    return state == null ? List.of() : List.copyOf(state.waiting);
  }

  /** Drops everything known of a job. */
  public void forget(JobId job) {
    jobs.remove(job);
    ring.forget(job);
  }

  private JobState state(JobId job) {
    return jobs.computeIfAbsent(job, j -> new JobState());
  }

  private List<Diagnosis> diagnoseWaiting(JobState state) {
    List<Incident> ready =
        state.waiting.stream().filter(i -> i.interval() <= state.lastTick).toList();
    state.waiting.removeAll(ready);
    List<Diagnosis> diagnoses = new ArrayList<>();
    for (Incident incident : ready) {
      Diagnosis diagnosis = diagnose(state, incident);
      state.latest = diagnosis;
      diagnoses.add(diagnosis);
    }
    return diagnoses;
  }

  private Diagnosis diagnose(JobState state, Incident incident) {
    int revision = revision(state, incident);
    Optional<SplitTopology> current = topology(state, incident.epoch());
    if (current.isEmpty()) {
      String explanation = Explanation.withoutTopology(incident);
      return new Diagnosis(incident, revision, List.of(), List.of(), explanation, REASONER);
    }
    long openedEpoch = ring.epoch(incident.job(), incident.openedInterval());
    SplitTopology opened =
        topology(state, openedEpoch >= 0 ? openedEpoch : incident.epoch()).orElse(current.get());
    Scene scene =
        Scene.of(
            incident,
            List.copyOf(state.topologies.headMap(current.get().epoch(), true).values()),
            opened,
            detector);
    List<CauseRanker.Ranked> ranked = ranker.rank(scene);
    EvidencePack pack = EvidencePack.of(scene, ranked, config.evidenceLimit());
    List<RankedCause> causes =
        IntStream.range(0, ranked.size())
            .mapToObj(i -> cause(ranked.get(i), pack.byCause().get(i)))
            .toList();
    String explanation = Explanation.of(scene, causes, pack);
    return new Diagnosis(incident, revision, causes, pack.facts(), explanation, REASONER);
  }

  private static RankedCause cause(CauseRanker.Ranked ranked, List<String> evidence) {
    Candidate candidate = ranked.candidate();
    return new RankedCause(
        candidate.component(), candidate.cause(), ranked.probability(), evidence);
  }

  private static int revision(JobState state, Incident incident) {
    Diagnosis latest = state.latest;
    if (latest == null || !latest.incident().id().equals(incident.id())) {
      return 0;
    }
    return latest.revision() + 1;
  }

  /** The placement of an epoch, or the newest one before it. */
  private static Optional<SplitTopology> topology(JobState state, long epoch) {
    return Optional.ofNullable(state.topologies.floorEntry(epoch)).map(Map.Entry::getValue);
  }
}
