package io.foresplit.bench.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.bench.measure.Run;
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
