package io.foresplit.runtime;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.runtime.coordinator.MovePolicy;
import io.foresplit.runtime.data.DrawnDataset;
import io.foresplit.runtime.node.TensorComputes;
import io.foresplit.runtime.tensor.ModelDefinition;
import io.foresplit.runtime.tensor.Optimiser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Kills the middle one of three nodes that train a model with real tensors over real gRPC, and
 * measures how long it takes until steps go on and how many are lost; and what replicas cost while
 * nobody dies, against the same job without them. All nodes are in this process. Prints tables.
 */
final class RecoveryBenchmark {
  private static final int BATCH = 32;
  private static final int WARM_STEPS = 25;

  /** So many that replicas of the large layer have come, also on a machine that is not idle. */
  private static final int STEPS_BEFORE_DEATH = 35;

  private static final Optimiser SGD = new Optimiser.SgdMomentum(0.02, 0.9);

  private RecoveryBenchmark() {}

  /**
   * A model on a chain; paced to declared speeds like the job of the demo.
   *
   * @param links with declared rates, or so fast that only this machine bounds them
   */
  private record Case(
      String name,
      ModelDefinition model,
      List<Double> speeds,
      List<Integer> cuts,
      List<LinkSpec> links) {}

  private record Kill(TrainingProgress.Recovery recovery, double wallSeconds) {}

  /**
   * Runs it.
   *
   * @param args how often a node is killed, 5 by default; steps of a throughput run, 150 by
   *     default; pairs of such runs, 3 by default; a part of the names of the cases wanted, all by
   *     default
   */
  public static void main(String[] args) throws Exception {
    int kills = args.length > 0 ? Integer.parseInt(args[0]) : 5;
    int steps = args.length > 1 ? Integer.parseInt(args[1]) : 150;
    int pairs = args.length > 2 ? Integer.parseInt(args[2]) : 3;
    String wanted = args.length > 3 ? args[3] : "";
    List<Double> even = List.of(4.0, 4.0, 4.0);
    List<Case> cases =
        Stream.of(
                new Case(
                    "LeNet",
                    ModelDefinition.named("lenet"),
                    List.of(0.5, 0.8, 1.5),
                    List.of(2, 4),
                    declared()),
                new Case(
                    "10.5 MB layer, declared", WideModel.MODEL, even, List.of(1, 2), declared()),
                new Case(
                    "10.5 MB layer, loopback", WideModel.MODEL, even, List.of(1, 2), loopback()))
            .filter(model -> model.name().contains(wanted))
            .toList();
    System.out.println("| Model | Found after s | Then going on after s | Both s | Steps lost |");
    System.out.println("|---|---|---|---|---|");
    for (Case model : kills > 0 ? cases : List.<Case>of()) {
      List<Kill> outcomes = new ArrayList<>();
      for (int i = 0; i < kills; i++) {
        outcomes.add(kill(model));
      }
      System.out.println(row(model, outcomes));
    }
    System.out.println();
    System.out.println("| Model | k | Steps/s without replicas | with | Cost |");
    System.out.println("|---|---|---|---|---|");
    for (Case model : pairs > 0 ? cases : List.<Case>of()) {
      List<Double> without = new ArrayList<>();
      List<Double> with = new ArrayList<>();
      for (int i = 0; i < pairs; i++) {
        without.add(throughput(model, Optional.empty(), steps));
        with.add(throughput(model, Optional.of(spec()), steps));
      }
      double plain = median(without);
      double kept = median(with);
      System.out.printf(
          Locale.ROOT,
          "| %s | %d | %.3f | %.3f | %.2f %% |%n",
          model.name(),
          ReplicationSpec.DEFAULT_EVERY_STEPS,
          plain,
          kept,
          100 * (1 - kept / plain));
    }
    System.exit(0);
  }

  private static ReplicationSpec spec() {
    return ReplicationSpec.toNeighbours(ReplicationSpec.DEFAULT_EVERY_STEPS);
  }

  private static List<LinkSpec> declared() {
    return List.of(
        new LinkSpec(Cluster.DEVICE, Cluster.EDGE, 6.25e6, 0.002),
        new LinkSpec(Cluster.EDGE, Cluster.DEVICE, 12.5e6, 0.002),
        new LinkSpec(Cluster.EDGE, Cluster.CLOUD, 5e6, 0.005),
        new LinkSpec(Cluster.CLOUD, Cluster.EDGE, 10e6, 0.005),
        new LinkSpec(Cluster.DEVICE, Cluster.CLOUD, 5e6, 0.007),
        new LinkSpec(Cluster.CLOUD, Cluster.DEVICE, 10e6, 0.007));
  }

  /** 80 Gbit/s, which loopback never reaches. */
  private static List<LinkSpec> loopback() {
    return declared().stream()
        .map(link -> new LinkSpec(link.from(), link.to(), 1e10, 1e-5))
        .toList();
  }

  private static Kill kill(Case model) throws IOException, InterruptedException {
    Path data = Files.createTempDirectory("recovery-benchmark");
    try (Cluster cluster = Cluster.start(data, setup(model, Optional.of(spec())))) {
      cluster.awaitSteps(STEPS_BEFORE_DEATH);
      long start = System.nanoTime();
      cluster.kill(Cluster.EDGE);
      TrainingProgress after =
          cluster.await(p -> !p.recoveries().isEmpty() && p.status().isEmpty());
      double seconds = (System.nanoTime() - start) / 1e9;
      TrainingProgress unused = cluster.await(p -> p.steps() > after.recoveries().get(0).step());
      return new Kill(after.recoveries().get(0), seconds);
    } finally {
      delete(data);
    }
  }

  private static double throughput(Case model, Optional<ReplicationSpec> spec, int steps)
      throws IOException, InterruptedException {
    Path data = Files.createTempDirectory("recovery-benchmark");
    try (Cluster cluster = Cluster.start(data, setup(model, spec))) {
      TrainingProgress progress = cluster.await(p -> p.steps() >= WARM_STEPS + steps, 600);
      List<TrainingProgress.Step> log = progress.log();
      long millis =
          log.get(WARM_STEPS + steps - 1).finished().toEpochMilli()
              - log.get(WARM_STEPS - 1).finished().toEpochMilli();
      return steps * 1e3 / millis;
    } finally {
      delete(data);
    }
  }

  private static Cluster.Setup setup(Case model, Optional<ReplicationSpec> spec) {
    List<LayerProfile> layers = model.model().profile(BATCH);
    List<NodeSpec> nodes = new ArrayList<>();
    for (int i = 0; i < Cluster.CHAIN.size(); i++) {
      nodes.add(new NodeSpec(Cluster.CHAIN.get(i), model.speeds().get(i)));
    }
    JobSpec job =
        new JobSpec(
            Cluster.JOB,
            model.model().name(),
            BATCH,
            Duration.ofMillis(500),
            layers,
            nodes,
            model.links(),
            Cluster.DEVICE,
            List.of(Cluster.EDGE, Cluster.CLOUD),
            1,
            List.of());
    return new Cluster.Setup(
            job,
            Placement.ofCuts(Cluster.CHAIN, layers.size(), model.cuts()),
            SGD,
            MovePolicy.standard(),
            Duration.ofMinutes(1),
            node -> TensorComputes.of(model.model()),
            (any, folder, seed) -> new DrawnDataset(seed, 2_000),
            options -> options)
        .with(options -> options.withReplication(spec));
  }

  private static String row(Case model, List<Kill> outcomes) {
    List<Double> found = outcomes.stream().map(o -> o.recovery().silentSeconds()).toList();
    List<Double> then = outcomes.stream().map(o -> o.recovery().seconds()).toList();
    List<Double> both = outcomes.stream().map(Kill::wallSeconds).toList();
    List<Double> lost = outcomes.stream().map(o -> (double) o.recovery().lost()).toList();
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %s | %.0f (max %.0f) |",
        model.name(),
        seconds(found),
        seconds(then),
        seconds(both),
        median(lost),
        max(lost));
  }

  private static String seconds(List<Double> values) {
    return String.format(Locale.ROOT, "%.2f (max %.2f)", median(values), max(values));
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  private static double max(List<Double> values) {
    return values.stream().mapToDouble(v -> v).max().orElse(Double.NaN);
  }

  private static void delete(Path data) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
