package io.foresplit.bench.scenario;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.contract.jobfile.JobFileException;
import io.foresplit.runtime.fault.FaultKind;
import io.foresplit.runtime.fault.FaultSchedule;
import io.foresplit.runtime.fault.FaultSpec;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.DisturbanceKind;
import io.foresplit.runtime.sim.LinkCourse;
import io.foresplit.runtime.sim.Shape;
import io.foresplit.runtime.sim.Simulation;
import io.foresplit.runtime.tensor.ModelDefinition;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A scenario for real processes. Links follow files that tell the course of the simulated ones,
 * every {@value #GRID_SECONDS} s; what strikes a node is injected into its process; a node that is
 * away is a process that is killed, and later started again. Pure.
 *
 * @param jobYaml of the scenario's one job, which names the traces
 * @param job as the file declares it
 * @param traces text of each file that a link follows, by its name
 * @param faults what nodes inject into themselves
 * @param outages of processes, in order
 */
public record RealWorld(
    String jobYaml,
    JobFile job,
    Map<String, String> traces,
    FaultSchedule faults,
    List<Outage> outages) {
  /** The grid by which wires know their rate, and jitter changes. */
  private static final double GRID_SECONDS = 0.02;

  /** Files are looped; nobody shall see their beginning again. */
  private static final double BEYOND_SECONDS = 60;

  /** Bounds the threads of a contention, see {@link FaultSpec}. */
  private static final double MOST_CONTENTION = 16;

  /**
   * A process is away.
   *
   * @param fromSeconds and {@code toSeconds}: since the start of the job; the latter may be
   *     infinite
   */
  public record Outage(NodeId node, double fromSeconds, double toSeconds) {}

  public RealWorld {
    traces = Collections.unmodifiableMap(new TreeMap<>(traces));
    outages = List.copyOf(outages);
  }

  /**
   * The same world for real processes.
   *
   * @param replicated whether layers outlive their node
   * @throws IllegalArgumentException in one line, when real processes cannot do all that the
   *     scenario says
   */
  public static RealWorld of(ScenarioFile file, boolean replicated) {
    Scenario scenario = file.scenario();
    List<String> problems = problems(scenario);
    if (!problems.isEmpty()) {
      throw refused(scenario, String.join("; ", problems));
    }
    Scenario.Job job = scenario.jobs().get(0);
    Simulation simulation = job.simulation(scenario.worldSeed());
    Map<ComponentId, String> names = new TreeMap<>();
    Map<String, String> traces = new TreeMap<>();
    for (LinkSpec link : job.spec().links()) {
      String name = "link-" + link.from() + "-" + link.to() + ".csv";
      names.put(link.id(), name);
      traces.put(
          name,
          csv(LinkCourse.of(simulation, link.id()), scenario.durationSeconds() + BEYOND_SECONDS));
    }
    String yaml = new ScenarioWriter(file).jobYaml(0, names, replicated);
    return new RealWorld(
        yaml,
        parsed(scenario, yaml),
        traces,
        FaultSchedule.of(
            job.faults().stream()
                .flatMap(fault -> spec(fault, scenario.worldSeed()).stream())
                .findFirst()
                .orElse(FaultSpec.none())),
        job.faults().stream()
            .filter(fault -> fault.kind() == DisturbanceKind.NODE_CRASH)
            .map(
                fault ->
                    new Outage(fault.component().from(), fault.onsetSeconds(), fault.endSeconds()))
            .toList());
  }

  private static IllegalArgumentException refused(Scenario scenario, String why) {
    return new IllegalArgumentException(
        "scenario " + scenario.id() + " cannot run on the real runtime: " + why);
  }

  /** What of a scenario real processes cannot do. */
  private static List<String> problems(Scenario scenario) {
    List<String> problems = new ArrayList<>();
    if (scenario.jobs().size() > 1) {
      problems.add("it has " + scenario.jobs().size() + " jobs, of which one is run at most");
      return problems;
    }
    Scenario.Job job = scenario.jobs().get(0);
    if (!job.plannedMoves().isEmpty()) {
      problems.add("nobody makes its planned moves");
    }
    job.normal().forEach(one -> problem(job.spec(), one).ifPresent(problems::add));
    job.faults().forEach(fault -> problem(job.spec(), fault).ifPresent(problems::add));
    if (inNodes(job).count() > 1) {
      problems.add(
          "nodes inject one fault at most, was " + inNodes(job).map(RealWorld::on).toList());
    }
    return problems;
  }

  private static Stream<Disturbance> inNodes(Scenario.Job job) {
    return job.faults().stream().filter(fault -> injected(fault.kind()).isPresent());
  }

  private static String on(Disturbance one) {
    return one.kind().label() + " on " + one.component();
  }

  private static Optional<String> problem(JobSpec job, Disturbance one) {
    return switch (one.kind()) {
      case UPLINK_FADE, DOWNLINK_FADE, LATENCY_RISE, JITTER, PACKET_LOSS, LINK_FLAP, HANDOVER_GAP ->
          Optional.empty();
      case STRAGGLER, LABEL_DRIFT -> ramped(one);
      case CPU_CONTENTION ->
          one.size() > MOST_CONTENTION
              ? Optional.of(
                  on(one) + " must be of size " + MOST_CONTENTION + " at most, was " + one.size())
              : ramped(one);
      case NODE_CRASH ->
          one.component().from().equals(job.dataOwner())
              ? Optional.of(on(one) + ": nobody else has the layers of the data owner")
              : Optional.empty();
      case PERIODIC_CPU_CONTENTION,
          MEMORY_LEAK,
          FEATURE_DRIFT,
          EXPLODING_GRADIENTS,
          STALE_WEIGHTS,
          CORRUPTED_ACTIVATIONS,
          DIURNAL_LOAD,
          NOISE_BURST,
          BATCH_SIZE ->
          Optional.of("no process can do " + on(one));
    };
  }

  /** What nodes inject into themselves grows evenly and stays. */
  private static Optional<String> ramped(Disturbance one) {
    if (Double.isFinite(one.lastsSeconds())) {
      return Optional.of(on(one) + " must last to the end, was " + one.lastsSeconds() + " s");
    }
    return one.shape() == Shape.LINEAR || one.rampSeconds() == 0
        ? Optional.empty()
        : Optional.of(on(one) + " must be of shape linear, was " + one.shape().label());
  }

  /** What a node does to itself for a kind; empty when it is not the node that does it. */
  private static Optional<FaultKind> injected(DisturbanceKind kind) {
    return switch (kind) {
      case STRAGGLER -> Optional.of(FaultKind.NODE_SLOWDOWN);
      case CPU_CONTENTION -> Optional.of(FaultKind.CONTENTION);
      case LABEL_DRIFT -> Optional.of(FaultKind.LABEL_DRIFT);
      case UPLINK_FADE,
          DOWNLINK_FADE,
          LATENCY_RISE,
          JITTER,
          PACKET_LOSS,
          LINK_FLAP,
          HANDOVER_GAP,
          PERIODIC_CPU_CONTENTION,
          MEMORY_LEAK,
          NODE_CRASH,
          FEATURE_DRIFT,
          EXPLODING_GRADIENTS,
          STALE_WEIGHTS,
          CORRUPTED_ACTIVATIONS,
          DIURNAL_LOAD,
          NOISE_BURST,
          BATCH_SIZE ->
          Optional.empty();
    };
  }

  private static Optional<FaultSpec> spec(Disturbance fault, long seed) {
    return injected(fault.kind())
        .map(
            kind ->
                new FaultSpec(
                    kind,
                    fault.component(),
                    fault.onsetSeconds(),
                    fault.rampSeconds(),
                    fault.size(),
                    seed));
  }

  /** A row wherever the link changes, by what it gives in the middle of a cell of the grid. */
  private static String csv(LinkCourse link, double seconds) {
    StringBuilder text =
        new StringBuilder("seconds,bytes_per_second,delay_seconds,jitter_seconds,loss\n");
    String before = "";
    int cells = (int) Math.ceil(seconds / GRID_SECONDS);
    for (int cell = 0; cell < cells; cell++) {
      LinkCourse.State state = link.at((cell + 0.5) * GRID_SECONDS);
      String row =
          String.format(
              Locale.ROOT,
              "%.1f,%.6f,%.6f,%.6f",
              state.bytesPerSecond(),
              state.delaySeconds(),
              state.jitterSeconds(),
              state.loss());
      boolean isLast = cell == cells - 1; // without it the file would be looped too soon
      if (isLast || !row.equals(before)) {
        text.append(String.format(Locale.ROOT, "%.2f,%s\n", cell * GRID_SECONDS, row));
        before = row;
      }
    }
    return text.toString();
  }

  private static JobFile parsed(Scenario scenario, String yaml) {
    try {
      JobFile file =
          JobFile.parse(
              yaml, scenario.id(), (model, batch) -> ModelDefinition.named(model).profile(batch));
      if (!file.job().equals(scenario.jobs().get(0).spec())) {
        throw refused(scenario, "its job is more than a job file of the suite says");
      }
      return file;
    } catch (JobFileException e) {
      throw refused(scenario, String.valueOf(e.getMessage()));
    }
  }
}
