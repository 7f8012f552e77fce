package io.foresplit.runtime;

import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.runtime.coordinator.MovePolicy;
import io.foresplit.runtime.tensor.Optimiser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Moves a layer of 10 MB of parameters from edge to cloud while it trains, by stop and copy and by
 * pre-copy, on loopback and on an emulated link of 20 Mbit/s with 30 ms round trip, with SGD and
 * with Adam. Prints a table. All nodes are in this process, with real tensors and real gRPC.
 */
final class MoveBenchmark {
  private static final int WARM_STEPS = 30;
  private static final int STEPS_AFTER = 10;

  private MoveBenchmark() {}

  private record Link(String name, double bytesPerSecond, double delaySeconds) {}

  private record Outcome(MoveResult result, double before, double during, long lost) {}

  /**
   * Runs it.
   *
   * @param args how often each move is measured, 3 by default; how the link's name begins, all by
   *     default
   */
  public static void main(String[] args) throws Exception {
    int runs = args.length > 0 ? Integer.parseInt(args[0]) : 3;
    System.out.println(
        "| Link | Optimiser | Way | Pause ms | Duration s | MB sent | Steps/s before | while copying"
            + " | Steps lost |");
    System.out.println("|---|---|---|---|---|---|---|---|---|");
    List<Link> links =
        List.of(new Link("loopback", 1e9, 0.00005), new Link("20 Mbit/s, 30 ms", 2.5e6, 0.015));
    for (Link link : links) {
      if (args.length > 1 && !link.name().startsWith(args[1])) {
        continue;
      }
      for (Optimiser optimiser : List.of(WideModel.SGD, WideModel.ADAM)) {
        for (MovePolicy policy : List.of(MovePolicy.stopAndCopy(), MovePolicy.standard())) {
          List<Outcome> outcomes = new ArrayList<>();
          for (int i = 0; i < runs; i++) {
            outcomes.add(measure(optimiser, policy, link));
          }
          System.out.println(row(link, optimiser, policy, outcomes));
        }
      }
    }
  }

  private static Outcome measure(Optimiser optimiser, MovePolicy policy, Link link)
      throws IOException, InterruptedException {
    Path data = Files.createTempDirectory("move-benchmark");
    try (Cluster cluster =
        Cluster.start(
            data,
            WideModel.setup(
                optimiser, policy, WideModel.FAST, link.bytesPerSecond(), link.delaySeconds()))) {
      List<TrainingProgress.Step> before = cluster.awaitSteps(WARM_STEPS);
      MoveResult result = cluster.move("move", 1, 0, WideModel.ON_CLOUD);
      int steps = (int) cluster.runtime().progress(Cluster.JOB, 0).steps();
      List<TrainingProgress.Step> log = cluster.awaitSteps(steps + STEPS_AFTER);
      List<TrainingProgress.Step> during =
          log.stream().skip(before.size()).filter(step -> step.epoch() == 0).toList();
      long lost = log.get(log.size() - 1).number() + 1 - log.size();
      return new Outcome(
          result,
          rate(before.subList(before.size() / 2, before.size())),
          policy.preCopy() ? rate(during) : 0,
          lost);
    } finally {
      try (Stream<Path> files = Files.walk(data)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static double rate(List<TrainingProgress.Step> steps) {
    if (steps.size() < 2) {
      return 0;
    }
    long millis =
        steps.get(steps.size() - 1).finished().toEpochMilli()
            - steps.get(0).finished().toEpochMilli();
    return (steps.size() - 1) * 1e3 / Math.max(1, millis);
  }

  /** The run with the median pause; of the pauses also the highest. */
  private static String row(
      Link link, Optimiser optimiser, MovePolicy policy, List<Outcome> outcomes) {
    outcomes.sort(Comparator.comparingLong(outcome -> outcome.result().pauseMillis()));
    Outcome median = outcomes.get(outcomes.size() / 2);
    long highest =
        Collections.max(outcomes.stream().map(outcome -> outcome.result().pauseMillis()).toList());
    MoveResult result = median.result();
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %d (max %d) | %.2f | %.1f | %.1f | %s | %d |%s",
        link.name(),
        optimiser instanceof Optimiser.Adam ? "Adam" : "SGD with momentum",
        policy.preCopy() ? "pre-copy" : "stop and copy",
        result.pauseMillis(),
        highest,
        result.durationMillis() / 1e3,
        result.movedBytes() / 1e6,
        median.before(),
        policy.preCopy() ? String.format(Locale.ROOT, "%.1f", median.during()) : "0",
        outcomes.stream().mapToLong(Outcome::lost).sum(),
        policy.preCopy() == result.detail().contains("pre-copied") ? "" : " " + result.detail());
  }
}
