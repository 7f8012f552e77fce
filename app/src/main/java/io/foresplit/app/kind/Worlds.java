package io.foresplit.app.kind;

import io.foresplit.bench.scenario.Scenario;
import io.foresplit.bench.scenario.Suite;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Which scenarios a command works on. */
final class Worlds {
  private static final int MOST_SEEDS = 1000;

  @Option(
      names = "--first-seed",
      paramLabel = "SEED",
      description = "The first seed, ${DEFAULT-VALUE} by default; the others follow.")
  private long firstSeed = 1;

  @Option(names = "--seeds", paramLabel = "N", description = "Passes of the suite.")
  private @Nullable Integer seeds;

  @Option(
      names = "--per-seed",
      paramLabel = "N",
      description = "Scenarios of a pass, spread evenly over its kinds; all by default.")
  private int perSeed = Integer.MAX_VALUE;

  /** Seeds in words. */
  String seeds(Suite suite) {
    return firstSeed + " to " + (firstSeed + passes(suite) - 1);
  }

  private int passes(Suite suite) {
    Integer chosen = seeds;
    return chosen == null ? suite.defaultSeeds() : chosen;
  }

  List<Scenario> of(Suite suite, int leastSeeds, CommandSpec spec) {
    int passes = passes(suite);
    if (passes < leastSeeds || passes > MOST_SEEDS) {
      throw new ParameterException(
          spec.commandLine(),
          "--seeds must be between " + leastSeeds + " and " + MOST_SEEDS + ", was " + passes);
    }
    if (perSeed < 1) {
      throw new ParameterException(
          spec.commandLine(), "--per-seed must be at least 1, was " + perSeed);
    }
    List<Scenario> chosen = new ArrayList<>();
    for (long seed = firstSeed; seed < firstSeed + passes; seed++) {
      List<Scenario> pass = suite.scenarios(seed);
      int count = Math.min(perSeed, pass.size());
      for (int i = 0; i < count; i++) {
        chosen.add(pass.get(i * pass.size() / count));
      }
    }
    return chosen;
  }
}
