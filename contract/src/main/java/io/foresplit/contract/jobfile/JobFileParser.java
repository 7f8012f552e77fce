package io.foresplit.contract.jobfile;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Compression;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Objective;
import io.foresplit.contract.ObjectiveId;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.contract.Severity;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads one job file and gathers what is wrong with it. Used once; not thread-safe. */
final class JobFileParser {
  /** Short for stochastic gradient descent with momentum. */
  private static final String SGD = "sgd";

  private static final String NEIGHBOUR = "neighbour";
  private static final String FOLDER = "folder";

  private final String source;
  private final ModelProfiles models;
  private final List<String> problems;
  private final List<LayerProfile> layers = new ArrayList<>();
  private final List<NodeSpec> nodes = new ArrayList<>();
  private final List<NodeSpec> chain = new ArrayList<>();
  private final List<LinkSpec> links = new ArrayList<>();
  private final Map<ComponentId, String> traces = new TreeMap<>();
  private final Map<ComponentId, LinkDisturbance> disturbances = new TreeMap<>();
  private final Map<ComponentId, Compression> compressions = new TreeMap<>();
  private final List<Objective> objectives = new ArrayList<>();
  private final List<OptimiserSpec> optimiser = new ArrayList<>();
  private final List<ReplicationSpec> replication = new ArrayList<>();
  private final List<JobFile> result = new ArrayList<>();

  JobFileParser(String source, ModelProfiles models) {
    this(source, models, new ArrayList<>());
  }

  private JobFileParser(String source, ModelProfiles models, List<String> problems) {
    this.source = source;
    this.models = models;
    this.problems = problems;
  }

  /** Reads a job within another file; empty when something is wrong with it, which is noted. */
  static Optional<JobFile> read(Section section, ModelProfiles models) {
    JobFileParser parser = new JobFileParser("", models, section.problems());
    parser.root(section);
    return parser.result.stream().findFirst();
  }

  JobFile parse(String yaml) throws JobFileException {
    YamlNode document = document(yaml);
    if (document instanceof YamlNode.Fields fields) {
      Section root = new Section(source, "", fields, problems);
      root(root);
      root.refuseOthers();
    } else {
      problems.add(
          source + ":" + document.line() + ": expected a mapping, was " + document.describe());
    }
    if (!problems.isEmpty()) {
      throw new JobFileException(problems);
    }
    return result.get(0);
  }

  private YamlNode document(String yaml) throws JobFileException {
    try {
      return YamlNode.parse(yaml);
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr());
      throw refused(line, e.getOriginalMessage());
    } catch (IOException e) {
      throw refused(1, String.valueOf(e.getMessage()));
    }
  }

  private JobFileException refused(int line, String message) {
    String reason = message.replaceAll("\\s+", " ");
    return new JobFileException(
        List.of(source + ":" + line + ": expected valid YAML, was: " + reason));
  }

  private void root(Section root) {
    int before = problems.size();
    String id = root.text("id");
    String model = root.text("model");
    root.section("optimiser", this::optimiser);
    int batchSize = positive(root, "batchSize");
    Duration interval = duration(root, "interval");
    if (interval.toMillis() < 1) {
      root.problem("interval", "at least 1 ms", interval.toNanos() + " ns");
    }
    SchemeReader scheme = SchemeReader.read(root);
    root.sections("nodes", this::node);
    chain.addAll(scheme.chain(root, nodes));
    root.sections("links", section -> links(section, scheme));
    String dataOwner = scheme.dataOwner(root);
    List<String> labelHolders = scheme.labelHolders(root, dataOwner);
    int minOwnerLayers = root.has("minOwnerLayers") ? root.integer("minOwnerLayers") : 1;
    if (root.has("objectives")) {
      root.sections("objectives", this::objective);
    }
    List<Integer> cuts = root.has("cuts") ? root.integers("cuts") : List.of();
    if (root.has("replication")) {
      root.section("replication", this::replication);
    }
    if (problems.size() > before) {
      return;
    }
    try {
      layers.addAll(models.profile(model, batchSize));
    } catch (IllegalArgumentException e) {
      root.problem("model", "a model that can be trained", "'" + model + "': " + e.getMessage());
      return;
    }
    root.attempt(
        () ->
            finish(
                root,
                new JobSpec(
                    new JobId(id),
                    model,
                    batchSize,
                    interval,
                    layers,
                    chain,
                    links,
                    new NodeId(dataOwner),
                    labelHolders.stream().map(NodeId::new).toList(),
                    minOwnerLayers,
                    objectives,
                    scheme.scheme(nodes)),
                cuts));
  }

  private void finish(Section root, JobSpec job, List<Integer> cuts) {
    if (!cuts.isEmpty()) {
      checkCuts(root, job, cuts);
    } else if (job.scheme().tailLayers() > 0) {
      root.problem(
          "cuts", "the cuts of a job in mode u-shaped, which no planner chooses", "missing");
    }
    for (ReplicationSpec spec : replication) {
      spec.violations(job).forEach(v -> root.problem("replication", "what the job allows", v));
    }
    result.add(
        new JobFile(
            job,
            optimiser.get(0),
            traces,
            disturbances,
            compressions,
            cuts,
            replication.stream().findFirst()));
  }

  private static void checkCuts(Section root, JobSpec job, List<Integer> cuts) {
    int last = 0;
    int most = job.layers().size() - job.scheme().tailLayers();
    for (int cut : cuts) {
      if (cut < last || cut > most) {
        root.problem("cuts", "numbers that do not fall, 0 to " + most, cuts.toString());
        return;
      }
      last = cut;
    }
    if (cuts.size() != job.nodes().size() - 1) {
      root.problem("cuts", "one number fewer than nodes of the chain", cuts.toString());
      return;
    }
    for (String violation : JobFile.placement(job, cuts).violations(job)) {
      root.problem("cuts", "a placement the job allows", cuts + ": " + violation);
    }
  }

  private void optimiser(Section section) {
    String name = section.text("name");
    double learningRate = section.quantity("learningRate", Quantity.NUMBER);
    section.attempt(
        () ->
            optimiser.add(
                new OptimiserSpec(
                    name.equals(SGD) ? OptimiserSpec.SGD_MOMENTUM : name, learningRate)));
  }

  private void replication(Section section) {
    int everySteps =
        section.has("everySteps")
            ? positive(section, "everySteps")
            : ReplicationSpec.DEFAULT_EVERY_STEPS;
    boolean neighbour = false;
    Optional<String> folder = Optional.empty();
    for (String target : section.texts("to")) {
      if (target.equals(NEIGHBOUR)) {
        neighbour = true;
      } else if (target.startsWith(FOLDER + ":") && target.length() > FOLDER.length() + 1) {
        folder = Optional.of(target.substring(FOLDER.length() + 1));
      } else {
        section.problem("to", "neighbour or folder:PATH", target);
        return;
      }
    }
    List<String> owner = section.has("ownerLayersTo") ? section.texts("ownerLayersTo") : List.of();
    boolean rebalance = section.has("rebalance") && flag(section, "rebalance");
    boolean inMemory = neighbour;
    Optional<String> path = folder;
    section.attempt(
        () ->
            replication.add(
                new ReplicationSpec(
                    everySteps,
                    inMemory,
                    path,
                    owner.stream().filter(o -> !o.equals(FOLDER)).map(NodeId::new).toList(),
                    owner.contains(FOLDER),
                    rebalance)));
  }

  private static boolean flag(Section section, String key) {
    String text = section.text(key);
    if (!text.equals("true") && !text.equals("false")) {
      section.problem(key, "true or false", text);
    }
    return text.equals("true");
  }

  private void node(Section section) {
    String id = section.text("id");
    double speed = section.quantity("speed", Quantity.NUMBER);
    String version = section.has("version") ? section.text("version") : "";
    section.attempt(() -> nodes.add(new NodeSpec(new NodeId(id), speed, version)));
  }

  private void links(Section section, SchemeReader scheme) {
    List<String> ends = section.texts("between");
    boolean both = section.has("rate");
    double up = section.quantity(both ? "rate" : "up", Quantity.RATE);
    double down = both ? up : section.quantity("down", Quantity.RATE);
    double delay = section.quantity("delay", Quantity.TIME);
    String trace = section.has("trace") ? section.text("trace") : "";
    String upTrace = section.has("upTrace") ? section.text("upTrace") : trace;
    String downTrace = section.has("downTrace") ? section.text("downTrace") : trace;
    double jitter = section.has("jitter") ? section.quantity("jitter", Quantity.TIME) : 0;
    double loss = section.has("loss") ? section.quantity("loss", Quantity.SHARE) : 0;
    List<Compression> compression = new ArrayList<>();
    if (section.has("compression")) {
      section.section("compression", s -> compression(s, compression));
    }
    List<String> ids = chain.stream().map(n -> n.id().value()).toList();
    if (!scheme.joins(ids, ends)) {
      section.problem("between", scheme.ends(ids), ends.toString());
      return;
    }
    NodeId near = new NodeId(ends.get(0));
    NodeId far = new NodeId(ends.get(1));
    section.attempt(() -> link(new LinkSpec(near, far, up, delay), upTrace));
    section.attempt(() -> link(new LinkSpec(far, near, down, delay), downTrace));
    section.attempt(() -> disturb(near, far, new LinkDisturbance(jitter, loss)));
    int tier = Math.max(0, ids.indexOf(ends.get(0))); // a client is on the first
    if (!compression.isEmpty() && ids.indexOf(ends.get(1)) != tier + 1) {
      section.problem(
          "compression", "a link between neighbours of the chain " + ids, ends.toString());
      return;
    }
    compression.forEach(c -> compressions.put(ComponentId.link(near, far), c));
  }

  private static void compression(Section section, List<Compression> into) {
    double keep = section.quantity("keep", Quantity.SHARE);
    int bits = section.integer("bits");
    section.attempt(() -> into.add(new Compression(keep, bits)));
  }

  private void disturb(NodeId near, NodeId far, LinkDisturbance disturbance) {
    if (disturbance.jitterSeconds() > 0 || disturbance.loss() > 0) {
      disturbances.put(ComponentId.link(near, far), disturbance);
      disturbances.put(ComponentId.link(far, near), disturbance);
    }
  }

  private void link(LinkSpec link, String trace) {
    links.add(link);
    if (!trace.isEmpty()) {
      traces.put(link.id(), trace);
    }
  }

  private void objective(Section section) {
    String id = section.text("id");
    Metric metric = section.constant("metric", Metric.class);
    double bound = section.quantity("bound", Quantity.ofUnit(metric.unit()));
    Duration duration = duration(section, "duration");
    Severity severity = section.constant("severity", Severity.class);
    section.attempt(
        () ->
            objectives.add(new Objective(new ObjectiveId(id), metric, bound, duration, severity)));
  }

  static int positive(Section section, String key) {
    int value = section.integer(key);
    if (value <= 0) {
      section.problem(key, "a positive number", String.valueOf(value));
    }
    return value;
  }

  /** Whole milliseconds, as on the wire. */
  static Duration duration(Section section, String key) {
    return Duration.ofMillis(Math.round(section.quantity(key, Quantity.TIME) * 1e3));
  }
}
