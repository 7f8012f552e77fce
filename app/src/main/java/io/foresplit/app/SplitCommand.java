package io.foresplit.app;

import io.foresplit.app.split.SplitJson;
import io.foresplit.app.split.SplitReport;
import io.foresplit.app.split.SplitScreen;
import io.foresplit.runtime.plan.CutOption;
import io.foresplit.runtime.plan.DagCutPlanner;
import io.foresplit.runtime.plan.Migration;
import io.foresplit.runtime.plan.ModelFile;
import io.foresplit.runtime.plan.ModelGraph;
import io.foresplit.runtime.plan.NetworkFile;
import io.foresplit.runtime.plan.PlanFileException;
import io.foresplit.runtime.plan.SplitObjective;
import io.foresplit.runtime.plan.SplitPlan;
import io.foresplit.runtime.plan.SplitRequest;
import io.foresplit.runtime.plan.TierNetwork;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Plans the best split of a model over tiers. */
@Command(
    name = "split",
    description = {
      "Plan where to cut a model: the best placement of its layers over tiers and links, with its",
      "predicted step time and what the other cuts would cost. docs/planning.md has the files."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Raw data stays on the first tier, and so do the layers that read it, unless a pin says",
      "otherwise. Exit code 2 when the files or rules allow no plan.",
      "",
      "Example: foresplit split --model lenet.json --network network.yaml --labels cloud"
    })
final class SplitCommand implements Callable<Integer> {
  private static final int MICRO_BATCHES = 4;

  /** What the command line can ask for. */
  enum Objective {
    LATENCY,
    PIPELINED
  }

  @Option(
      names = "--model",
      required = true,
      paramLabel = "FILE",
      description = "Profile of the model: JSON of 'foresplit profile', or PipeDream's graph.txt.")
  private Path modelFile = Path.of("model.json");

  @Option(
      names = "--network",
      required = true,
      paramLabel = "FILE",
      description = "Tiers and links, in YAML or JSON.")
  private Path networkFile = Path.of("network.yaml");

  @Option(
      names = "--tiers",
      split = ",",
      paramLabel = "TIER",
      description = {
        "Layers only on these tiers, the others between them relay; or how many of the first",
        "tiers to use."
      })
  private List<String> tiers = List.of();

  @Option(
      names = "--objective",
      paramLabel = "GOAL",
      description = "latency or pipelined; ${DEFAULT-VALUE} by default.")
  private Objective objective = Objective.LATENCY;

  @Option(
      names = "--micro-batches",
      paramLabel = "N",
      description = "Parts of a mini-batch with --objective pipelined, 4 by default.")
  private @Nullable Integer microBatches;

  @Option(
      names = "--pin",
      paramLabel = "LAYER=TIER[,TIER]",
      description = "Keep a layer on a tier, or on one of several. Repeatable.")
  private List<String> pins = List.of();

  @Option(
      names = "--labels",
      split = ",",
      paramLabel = "TIER",
      description = "Tiers that hold labels; as the network file says, or all, by default.")
  private List<String> labels = List.of();

  @Option(
      names = "--exchange-every",
      paramLabel = "N",
      description = "The first tier's parameters travel up and down every N mini-batches.")
  private int exchangeEvery;

  @Option(
      names = "--from",
      paramLabel = "FILE",
      description = "Present placement, from an earlier --json: moving layers then costs.")
  private @Nullable Path from;

  @Option(
      names = "--horizon",
      paramLabel = "STEPS",
      description = "Steps within which a move must pay, ${DEFAULT-VALUE} by default.")
  private long horizon = 1000;

  @Option(
      names = "--pause",
      paramLabel = "SECONDS",
      description = "Fixed pause of a move, ${DEFAULT-VALUE} by default.")
  private double pause = 0.1;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets spec
  SplitCommand() {}

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    SplitReport report;
    try {
      report = report();
    } catch (PlanFileException | IllegalArgumentException e) {
      spec.commandLine().getErr().println("foresplit: " + e.getMessage());
      return Main.USAGE;
    }
    if (json) {
      out.println(SplitJson.of(report));
    } else {
      new SplitScreen(out).show(report);
    }
    out.flush();
    return 0;
  }

  private SplitReport report() throws PlanFileException {
    ModelGraph model = ModelFile.read(modelFile);
    SplitRequest request = request(model);
    long start = System.nanoTime();
    DagCutPlanner planner = DagCutPlanner.of(model);
    SplitPlan best = planner.plan(request);
    double seconds = (System.nanoTime() - start) / 1e9;
    List<CutOption> cuts = planner.cuts(request);
    OptionalDouble staying =
        planner.staying(request).stream().mapToDouble(SplitPlan::objectiveSeconds).findFirst();
    return new SplitReport(model, request, best, cuts, staying, seconds);
  }

  private SplitRequest request(ModelGraph model) throws PlanFileException {
    NetworkFile file = NetworkFile.read(networkFile, model);
    TierNetwork network = file.network();
    Set<String> holders = new HashSet<>(labels.isEmpty() ? file.labels() : labels);
    if (!tiers.isEmpty()) {
      network = network.only(chosen(network.tierNames()));
      if (labels.isEmpty() && !holders.isEmpty()) {
        holders.retainAll(network.tierNames());
        if (holders.isEmpty()) {
          throw new IllegalArgumentException(
              "--tiers leaves none of the tiers that hold labels, which are " + file.labels());
        }
      }
    }
    SplitRequest request =
        SplitRequest.of(network)
            .withLabelsOn(holders)
            .withObjective(splitObjective())
            .withExchangeEvery(exchangeEvery);
    for (String pin : pins) {
      int equals = pin.lastIndexOf('=');
      if (equals < 1 || equals == pin.length() - 1) {
        throw new IllegalArgumentException(
            "--pin must be LAYER=TIER or LAYER=TIER,TIER, was '" + pin + "'");
      }
      request =
          request.withPin(
              pin.substring(0, equals),
              Set.copyOf(List.of(pin.substring(equals + 1).split(",", -1))));
    }
    return from == null ? request : request.withMigration(migration(from));
  }

  private SplitObjective splitObjective() {
    Integer parts = microBatches;
    if (objective == Objective.PIPELINED) {
      return new SplitObjective.Pipelined(parts == null ? MICRO_BATCHES : parts);
    }
    if (parts != null) {
      throw new IllegalArgumentException(
          "--micro-batches needs --objective pipelined, the objective is latency");
    }
    return new SplitObjective.Latency();
  }

  private Set<String> chosen(List<String> all) {
    String first = tiers.get(0);
    if (tiers.size() > 1 || all.contains(first) || !first.matches("\\d{1,9}")) {
      return new LinkedHashSet<>(tiers);
    }
    int count = Integer.parseInt(first);
    if (count < 1 || count > all.size()) {
      throw new IllegalArgumentException(
          "--tiers must be 1 to " + all.size() + ", or names of " + all + ", was " + count);
    }
    return new LinkedHashSet<>(all.subList(0, count));
  }

  private Migration migration(Path file) {
    try {
      return new Migration(
          SplitJson.placement(Files.readString(file), file.toString()), horizon, pause);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(file + ": expected a readable file, there is none", e);
    } catch (IOException e) {
      throw new IllegalArgumentException(file + ": expected a readable file in UTF-8, was " + e, e);
    }
  }
}
