package io.foresplit.bench.scenario;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Objective;
import io.foresplit.contract.Placement;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.contract.jobfile.LinkDisturbance;
import io.foresplit.contract.jobfile.Quantity;
import io.foresplit.runtime.link.GeneratedTrace;
import io.foresplit.runtime.link.RateTrace;
import io.foresplit.runtime.sim.Disturbance;
import io.foresplit.runtime.sim.DisturbanceKind;
import io.foresplit.runtime.sim.Machine;
import io.foresplit.runtime.sim.Shape;
import io.foresplit.runtime.tensor.Optimiser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Writes the file of a scenario. */
final class ScenarioWriter {
  private static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
              .build());

  private final ScenarioFile file;
  private final Scenario scenario;

  ScenarioWriter(ScenarioFile file) {
    this.file = file;
    scenario = file.scenario();
  }

  String yaml() {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("id", scenario.id());
    root.put("topology", scenario.topology());
    if (!scenario.kind().equals(ScenarioKind.of(scenario.jobs()))) {
      root.put("kind", scenario.kind());
    }
    if (scenario.course() != ScenarioKind.courseOf(scenario.jobs())) {
      root.put("course", written(scenario.course()));
    }
    root.put("use", written(scenario.use()));
    root.put("seed", scenario.seed());
    root.put("duration", Quantity.TIME.write(scenario.durationSeconds()));
    if (scenario.jobs().size() == 1) {
      job(0, root);
    } else {
      List<Map<String, Object>> jobs = new ArrayList<>();
      for (int i = 0; i < scenario.jobs().size(); i++) {
        Map<String, Object> job = new LinkedHashMap<>();
        job(i, job);
        jobs.add(job);
      }
      root.put("jobs", jobs);
    }
    return written(root);
  }

  /**
   * The file of one job alone, for real processes.
   *
   * @param traces names of files that links follow, which say all of their jitter and loss too
   * @param replicated whether layers outlive their node
   */
  String jobYaml(int index, Map<ComponentId, String> traces, boolean replicated) {
    Scenario.Job job = scenario.jobs().get(index);
    JobFile declared = file.declared().get(index).file();
    Map<String, Object> root =
        jobFile(
            job,
            new JobFile(
                job.spec(),
                declared.optimiser(),
                traces,
                Map.of(),
                Map.of(),
                List.of(),
                Optional.empty()));
    if (replicated) {
      root.put("replication", Map.of("to", List.of("neighbour")));
    }
    return written(root);
  }

  private String written(Map<String, Object> root) {
    try {
      return YAML.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("scenario " + scenario.id() + " cannot be written", e);
    }
  }

  private void job(int index, Map<String, Object> into) {
    Scenario.Job job = scenario.jobs().get(index);
    ScenarioFile.Declared declared = file.declared().get(index);
    into.put("job", jobFile(job, declared.file()));
    noise(job, declared.file(), into);
    if (!job.faults().isEmpty()) {
      into.put(
          "faults",
          IntStream.range(0, job.faults().size())
              .mapToObj(i -> fault(job.faults().get(i), declared.truths().get(i)))
              .toList());
    }
    if (!job.normal().isEmpty()) {
      into.put("normal", job.normal().stream().map(d -> fault(d, Optional.empty())).toList());
    }
    if (!job.plannedMoves().isEmpty()) {
      into.put(
          "plannedMoves",
          job.plannedMoves().stream()
              .map(
                  move ->
                      Map.of(
                          "at",
                          Quantity.TIME.write(move.atSeconds()),
                          "cuts",
                          cuts(job.spec(), move.target())))
              .toList());
    }
  }

  private Map<String, Object> jobFile(Scenario.Job job, JobFile declared) {
    JobSpec spec = job.spec();
    Map<String, Object> into = new LinkedHashMap<>();
    into.put("id", spec.id().value());
    into.put("model", spec.model());
    into.put("optimiser", optimiser(job));
    into.put("batchSize", spec.batchSize());
    into.put("interval", time(spec.interval()));
    into.put(
        "nodes",
        spec.nodes().stream()
            .map(node -> entry("id", node.id().value(), "speed", number(node.speed())))
            .toList());
    into.put(
        "links",
        spec.links().stream()
            .filter(link -> Truths.isUplink(spec, link.id()))
            .map(link -> link(spec, link, declared))
            .toList());
    into.put("dataOwner", spec.dataOwner().value());
    into.put("labelHolders", spec.labelHolders().stream().map(node -> node.value()).toList());
    into.put("minOwnerLayers", spec.minOwnerLayers());
    if (!spec.objectives().isEmpty()) {
      into.put("objectives", spec.objectives().stream().map(ScenarioWriter::objective).toList());
    }
    into.put("cuts", cuts(spec, job.initial()));
    return into;
  }

  private Map<String, Object> optimiser(Scenario.Job job) {
    Optimiser optimiser = job.optimiser();
    boolean usual =
        optimiser.equals(new Optimiser.SgdMomentum(optimiser.learningRate(), 0.9))
            || optimiser.equals(new Optimiser.Adam(optimiser.learningRate(), 0.9, 0.999, 1e-8));
    if (!usual) {
      throw unwritable("optimiser " + optimiser + " of job " + job.spec().id());
    }
    return entry(
        "name",
        optimiser instanceof Optimiser.Adam ? "adam" : "sgd-momentum",
        "learningRate",
        number(optimiser.learningRate()));
  }

  private Map<String, Object> link(JobSpec job, LinkSpec up, JobFile declared) {
    LinkSpec down =
        job.link(up.to(), up.from())
            .filter(other -> other.delaySeconds() == up.delaySeconds())
            .orElseThrow(() -> unwritable("link " + up.id() + " without one back, as slow,"));
    Map<String, Object> into = new LinkedHashMap<>();
    into.put("between", List.of(up.from().value(), up.to().value()));
    into.put("up", Quantity.RATE.write(up.bytesPerSecond()));
    into.put("down", Quantity.RATE.write(down.bytesPerSecond()));
    into.put("delay", Quantity.TIME.write(up.delaySeconds()));
    Optional.ofNullable(declared.traces().get(up.id())).ifPresent(t -> into.put("upTrace", t));
    Optional.ofNullable(declared.traces().get(down.id())).ifPresent(t -> into.put("downTrace", t));
    LinkDisturbance disturbance = declared.disturbances().get(up.id());
    if (disturbance != null) {
      into.put("jitter", Quantity.TIME.write(disturbance.jitterSeconds()));
      into.put("loss", Quantity.SHARE.write(disturbance.loss()));
    }
    return into;
  }

  private static Map<String, Object> objective(Objective objective) {
    Map<String, Object> into = new LinkedHashMap<>();
    into.put("id", objective.id().value());
    into.put("metric", written(objective.metric()));
    into.put("bound", Quantity.ofUnit(objective.metric().unit()).write(objective.bound()));
    into.put("duration", time(objective.duration()));
    into.put("severity", written(objective.severity()));
    return into;
  }

  /** Where each node's layers end. */
  private static List<Integer> cuts(JobSpec job, Placement placement) {
    return IntStream.range(0, job.nodes().size() - 1)
        .mapToObj(
            tier ->
                (int)
                    placement.nodeOfLayer().stream().filter(node -> job.tier(node) <= tier).count())
        .toList();
  }

  private void noise(Scenario.Job job, JobFile declared, Map<String, Object> into) {
    Map<ComponentId, RateTrace> own = new LinkedHashMap<>(job.traces());
    own.keySet().removeAll(declared.traces().keySet());
    own.keySet().removeAll(declared.disturbances().keySet());
    Machine machine = job.machine();
    Machine usual = Machine.usual();
    Map<String, Object> noise = new LinkedHashMap<>();
    if (!own.isEmpty()) {
      RateTrace first = own.values().iterator().next();
      if (!(first instanceof GeneratedTrace like)
          || !GeneratedTrace.forLinks(
                  job.spec(),
                  scenario.worldSeed(),
                  like.noise(),
                  like.wave(),
                  like.wavePeriodSeconds())
              .entrySet()
              .containsAll(own.entrySet())) {
        throw unwritable("links " + own.keySet() + " of job " + job.spec().id());
      }
      noise.put("links", number(like.noise()));
      noise.put("wave", number(like.wave()));
      noise.put("wavePeriod", Quantity.TIME.write(like.wavePeriodSeconds()));
    }
    noise.put("compute", number(machine.computeNoise()));
    noise.put("messages", number(machine.messageNoise()));
    noise.put("usage", number(machine.usageNoise()));
    into.put("noise", noise);
    Map<String, Object> rest = new LinkedHashMap<>();
    unusual(rest, "step", Quantity.TIME, machine.stepSeconds(), usual.stepSeconds());
    unusual(rest, "hop", Quantity.TIME, machine.hopSeconds(), usual.hopSeconds());
    unusual(rest, "message", Quantity.TIME, machine.messageSeconds(), usual.messageSeconds());
    unusual(
        rest, "secondsPerByte", Quantity.NUMBER, machine.secondsPerByte(), usual.secondsPerByte());
    unusual(rest, "move", Quantity.TIME, machine.moveSeconds(), usual.moveSeconds());
    unusual(
        rest,
        "coresPerCompute",
        Quantity.NUMBER,
        machine.coresPerCompute(),
        usual.coresPerCompute());
    unusual(rest, "idleCores", Quantity.NUMBER, machine.idleCores(), usual.idleCores());
    unusual(rest, "heap", Quantity.SIZE, machine.heapBytes(), usual.heapBytes());
    unusual(rest, "native", Quantity.SIZE, machine.nativeBytes(), usual.nativeBytes());
    if (!rest.isEmpty()) {
      into.put("machine", rest);
    }
  }

  private static void unusual(
      Map<String, Object> into, String key, Quantity quantity, double value, double usual) {
    if (value != usual) {
      into.put(key, quantity.write(value));
    }
  }

  private static Map<String, Object> fault(Disturbance fault, Optional<StatedTruth> truth) {
    DisturbanceKind kind = fault.kind();
    Map<String, Object> into = new LinkedHashMap<>();
    into.put("kind", kind.label());
    into.put("target", fault.component().value());
    into.put("onset", Quantity.TIME.write(fault.onsetSeconds()));
    if (fault.rampSeconds() > 0) {
      into.put("ramp", Quantity.TIME.write(fault.rampSeconds()));
    }
    if (fault.shape() != Shape.LINEAR) {
      into.put("shape", fault.shape().label());
    }
    if (fault.periodSeconds() > 0) {
      into.put("period", Quantity.TIME.write(fault.periodSeconds()));
    }
    into.put("size", DisturbanceReader.quantity(kind).write(fault.size()));
    if (Double.isFinite(fault.lastsSeconds())) {
      into.put("lasts", Quantity.TIME.write(fault.lastsSeconds()));
    }
    truth.ifPresent(stated -> into.put("truth", truth(stated)));
    return into;
  }

  private static Map<String, Object> truth(StatedTruth truth) {
    Map<String, Object> into = new LinkedHashMap<>();
    truth.component().ifPresent(component -> into.put("component", component.value()));
    truth.cause().ifPresent(cause -> into.put("cause", cause));
    truth.onsetSeconds().ifPresent(onset -> into.put("onset", Quantity.TIME.write(onset)));
    truth.breachSeconds().ifPresent(breach -> into.put("breach", Quantity.TIME.write(breach)));
    if (!truth.path().isEmpty()) {
      into.put("path", truth.path().stream().map(ComponentId::value).toList());
    }
    return into;
  }

  private IllegalArgumentException unwritable(String what) {
    return new IllegalArgumentException(
        "scenario " + scenario.id() + " cannot be written: no file can say " + what + " is so");
  }

  private static Map<String, Object> entry(String first, Object one, String second, Object two) {
    Map<String, Object> into = new LinkedHashMap<>();
    into.put(first, one);
    into.put(second, two);
    return into;
  }

  private static String number(double value) {
    return Quantity.NUMBER.write(value);
  }

  private static String time(Duration duration) {
    return Quantity.TIME.write(duration.toMillis() / 1e3);
  }

  private static String written(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
