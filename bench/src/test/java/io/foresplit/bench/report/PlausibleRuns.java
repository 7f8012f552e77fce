package io.foresplit.bench.report;

import static io.foresplit.bench.measure.RunBuilder.candidate;
import static io.foresplit.bench.measure.RunBuilder.truth;

import io.foresplit.bench.measure.Alarm.Candidate;
import io.foresplit.bench.measure.Run;
import io.foresplit.bench.measure.Run.Line;
import io.foresplit.bench.measure.RunBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Runs of an invented evaluation that look like real ones, as large as the quick suite's. */
final class PlausibleRuns {
  private static final double DURATION = 900;
  private static final double BOUND = 0.5;
  private static final List<String> CAUSES =
      List.of("uplink-fade", "downlink-fade", "latency-rise", "node-slowdown", "label-drift");
  private static final Map<String, Double> DELAY =
      Map.of("reactive", 130.0, "restart", 130.0, "random", 90.0, "proactive", 45.0, "oracle", 0.0);

  private PlausibleRuns() {}

  static List<Run> of(int seeds) {
    List<Run> runs = new ArrayList<>();
    for (long seed = 1; seed <= seeds; seed++) {
      for (String topology : List.of("chain-4", "two-jobs-one-edge", "clients-3")) {
        for (String kind :
            List.of(
                "uplink-fade",
                "downlink-fade",
                "latency-rise",
                "jitter",
                "contention",
                "stale-weights",
                "uplink-fade+contention",
                "normal:diurnal",
                "normal:bursts")) {
          for (String strategy :
              List.of("none", "reactive", "restart", "random", "proactive", "oracle")) {
            runs.add(run(seed, topology, kind, strategy));
          }
        }
      }
    }
    return runs;
  }

  private static Run run(long seed, String topology, String kind, String strategy) {
    Random random = new Random(31L * (seed + 17L * topology.hashCode()) + kind.hashCode());
    boolean sudden = random.nextBoolean();
    double onset = 200 + random.nextInt(100);
    double breach = onset + (sudden ? 20 : 120) + random.nextInt(20);
    double end = 700 + random.nextInt(100);
    boolean faulty = !kind.startsWith("normal");
    RunBuilder run =
        RunBuilder.run()
            .scenario(
                topology + "/" + kind + "/" + seed,
                topology,
                kind,
                faulty ? sudden ? "sudden" : "gradual" : "none")
            .use(topology.equals("clients-3") ? "tuning" : "scoring")
            .seed(seed)
            .strategy(strategy)
            .lasting(DURATION);
    if (faulty) {
      for (String one : kind.split("\\+", -1)) {
        run.fault(
            truth(
                one,
                one.equals("contention") ? "edge" : "device>edge",
                one.equals("contention") ? "node-slowdown" : CAUSES.contains(one) ? one : null,
                onset,
                end,
                one.equals("jitter") && seed == 1 ? null : breach));
      }
    }
    Random luck = new Random(random.nextLong() + strategy.hashCode());
    boolean acts =
        !strategy.equals("none") && (faulty ? luck.nextInt(10) > 0 : luck.nextInt(8) == 0);
    double alarm = onset + DELAY.getOrDefault(strategy, 0.0) + luck.nextInt(25);
    double moved = acts ? alarm + 3 : DURATION;
    if (acts) {
      if (strategy.equals("reactive") || strategy.equals("restart")) {
        run.alarm(alarm);
      } else {
        Candidate first =
            luck.nextInt(4) == 0
                ? candidate("edge>cloud", CAUSES.get(luck.nextInt(CAUSES.size())))
                : candidate("device>edge", kind.split("\\+", -1)[0]);
        run.alarm(
            alarm, end, List.of("device>edge", "job"), first, candidate("edge", "node-slowdown"));
      }
      run.move(
          alarm + 3,
          luck.nextInt(10) > 0,
          luck.nextInt(9) == 0 ? "UNDONE" : "HELPED",
          strategy.equals("restart") ? 30_000 : 80 + luck.nextInt(200),
          strategy.equals("restart") ? 12 : 0);
    }
    if (faulty && moved > breach) {
      run.breach(breach, Math.min(end, moved + 5));
    }
    List<Double> steps = new ArrayList<>();
    for (int index = 0; index < 450; index++) {
      double at = 2.0 * index;
      double wrong =
          faulty && at >= onset && at < Math.min(end, moved) ? (at - onset) / (breach - onset) : 0;
      boolean still = acts && at >= moved && at < moved + (strategy.equals("restart") ? 30 : 3);
      steps.add(
          still ? Double.NaN : 0.3 * (1 + 0.7 * Math.min(wrong, 3)) + 0.02 * luck.nextGaussian());
    }
    return run.line(new Line(2, steps, BOUND))
        .useful(900 + luck.nextInt(100))
        .loss(1 + luck.nextDouble() / 5, 1)
        .build();
  }
}
