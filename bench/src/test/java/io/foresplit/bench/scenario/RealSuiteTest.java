package io.foresplit.bench.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.bench.evaluate.ScenarioRunner;
import io.foresplit.bench.evaluate.Stages;
import io.foresplit.bench.evaluate.Strategy;
import io.foresplit.bench.measure.Run;
import io.foresplit.bench.measure.Truth;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RealSuiteTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aPassIsAFunctionOfItsSeedAndAQuarterOfItIsCalm(long seed) {
    List<Scenario> pass = RealSuite.scenarios(seed);
    assertThat(pass.stream().filter(Scenario::hasFault)).hasSize(12);
    assertThat(pass).hasSize(16).extracting(Scenario::id).doesNotHaveDuplicates();
    assertThat(pass).isEqualTo(RealSuite.scenarios(seed));
    assertThat(pass).allSatisfy(one -> assertThat(one.durationSeconds()).isBetween(60.0, 115.0));
    assertThat(RealSuite.scenarios(seed + 1)).isNotEqualTo(pass);
  }

  @Test
  void theStandardSuiteHasThirtySixFaultsGradualAndSudden() {
    List<Scenario> all =
        LongStream.rangeClosed(1, RealSuite.defaultSeeds(Suite.STANDARD))
            .boxed()
            .flatMap(seed -> RealSuite.scenarios(seed).stream())
            .toList();
    assertThat(all.stream().filter(Scenario::hasFault)).hasSize(36);
    assertThat(all.stream().map(Scenario::course).collect(Collectors.toSet()))
        .containsExactlyInAnyOrder(Scenario.Course.values());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void inSimulationEveryFaultBreachesAndNothingElseDoes(long seed) {
    ScenarioRunner runner = new ScenarioRunner(Stages.ofService());
    for (Scenario scenario : RealSuite.scenarios(seed)) {
      Run run = runner.run(ScenarioFile.of(scenario), Set.of(Strategy.NONE)).get(0);
      assertThat(run.truths())
          .as(scenario.id())
          .hasSize(scenario.hasFault() ? 1 : 0)
          .extracting(Truth::breachSeconds)
          .doesNotContainNull();
      assertThat(run.faultFreeBreaches()).as(scenario.id()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void realProcessesCanDoAllOfItAndFilesSayIt(long seed) throws Exception {
    for (Scenario scenario : RealSuite.scenarios(seed)) {
      ScenarioFile file = ScenarioFile.of(scenario);
      assertThat(ScenarioFile.parse(file.yaml(), scenario.id(), Path.of("")).scenario())
          .isEqualTo(scenario);
      assertThat(RealWorld.of(file, true).job().replication()).as(scenario.id()).isPresent();
    }
  }
}
