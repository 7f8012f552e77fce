package io.foresplit.bench.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.bench.measure.Run;
import io.foresplit.bench.scenario.Scenario;
import io.foresplit.bench.scenario.ScenarioFile;
import io.foresplit.bench.scenario.Suite;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationTest {
  private static final Set<Strategy> STRATEGIES = EnumSet.of(Strategy.NONE, Strategy.REACTIVE);
  private static final List<ScenarioFile> SCENARIOS =
      Suite.QUICK.scenarios(2).subList(0, 4).stream().map(ScenarioFile::of).toList();

  @TempDir Path folder;

  private List<Run> run(
      List<ScenarioFile> scenarios, RunStore store, int threads, List<Integer> told)
      throws Exception {
    return Evaluation.run(
            scenarios,
            STRATEGIES,
            new ScenarioRunner(Stages.ofService()),
            store,
            threads,
            (done, all) -> told.add(done))
        .runs();
  }

  private RunStore store(String name) throws Exception {
    return RunStore.open(folder.resolve(name), "test");
  }

  @Test
  void whatIsDoneIsNotDoneAgainAndTheResultIsTheSame() throws Exception {
    List<Run> whole = run(SCENARIOS, store("whole"), 1, new ArrayList<>());
    run(SCENARIOS.subList(0, 3), store("part"), 2, new ArrayList<>());
    Path part = folder.resolve("part");
    byte[] bytes = Files.readAllBytes(part);
    Files.write(part, Arrays.copyOf(bytes, bytes.length - 20)); // cut off while it was written
    List<Integer> told = new ArrayList<>();
    assertThat(run(SCENARIOS, store("part"), 2, told)).isEqualTo(whole);
    assertThat(told).containsExactly(2, 3, 4);
  }

  @Test
  void telemetryHasARowAnIntervalAndChangesNothing() throws Exception {
    ScenarioFile file = SCENARIOS.get(0);
    ScenarioRunner runner = new ScenarioRunner(Stages.ofService(), folder);
    assertThat(runner.run(file, STRATEGIES))
        .isEqualTo(new ScenarioRunner(Stages.ofService()).run(file, STRATEGIES));
    List<String> rows;
    try (Stream<Path> files = Files.list(folder)) {
      rows = Files.readAllLines(files.findFirst().orElseThrow());
    }
    assertThat(rows.get(0)).isEqualTo("series,interval,value");
    Scenario scenario = file.scenario();
    for (Strategy strategy : STRATEGIES) {
      String loss =
          String.join(
              "/",
              List.of(
                  "" + scenario.seed(),
                  scenario.id(),
                  strategy.label(),
                  scenario.jobs().get(0).spec().id().value(),
                  "job/loss,"));
      List<String> losses = rows.stream().filter(row -> row.startsWith(loss)).toList();
      assertThat(losses).hasSizeGreaterThan((int) (scenario.durationSeconds() / 5 - 3));
      assertThat(losses.get(9)).matches(".*,\\d+,\\d+\\.\\d+");
    }
  }

  @Test
  void runsOfAnotherEvaluationAreNotTaken() throws Exception {
    run(SCENARIOS.subList(0, 1), store("one"), 1, new ArrayList<>());
    RunStore other = RunStore.open(folder.resolve("one"), "another");
    assertThat(other.has(SCENARIOS.get(0).scenario())).isFalse();
    assertThat(store("one").has(SCENARIOS.get(0).scenario())).isFalse();
  }

  @Test
  void aFileOfSomethingElseIsBegunAnew() throws Exception {
    Path file = folder.resolve("strange");
    Files.writeString(file, "{\"evaluation\": \"test\"}\nnot json\n");
    assertThat(store("strange").has(SCENARIOS.get(0).scenario())).isFalse();
    Files.writeString(file, "more", StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    assertThat(run(SCENARIOS.subList(0, 1), store("strange"), 1, new ArrayList<>())).hasSize(2);
  }
}
