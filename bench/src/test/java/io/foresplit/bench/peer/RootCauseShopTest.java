package io.foresplit.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.bench.data.DataFileException;
import io.foresplit.bench.data.PetShop;
import io.foresplit.bench.data.RootCauseCase;
import io.foresplit.bench.data.RootCauseScore;
import io.foresplit.bench.data.SimulatedShop;
import io.foresplit.bench.data.SimulatedShop.Fault;
import io.foresplit.bench.data.SimulatedShop.Setting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Root causes in simulated shops, and in a real one where its data is. */
class RootCauseShopTest {
  private static final int ONSET_ERROR = 60;

  private static double avgAt5(RootCauseRanker ranker, List<RootCauseCase> cases, int late) {
    return RootCauseScore.pooled(new RootCauseComparison(cases).of(ranker, late).values()).avgAt5();
  }

  @ParameterizedTest
  @EnumSource(value = Fault.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void theStruckServiceIsFoundAsOftenAsByThePublishedScorerAtLeast(Fault fault) {
    List<RootCauseCase> cases = SimulatedShop.cases(Setting.USUAL, fault, 5000, 1);
    for (int late : List.of(0, -ONSET_ERROR, ONSET_ERROR)) {
      double peer = avgAt5(DeviationRanker.RISE, cases, late);
      assertThat(avgAt5(ForesplitRanker.CALLS_KNOWN, cases, late)).isGreaterThanOrEqualTo(peer);
      assertThat(avgAt5(ForesplitRanker.CALLS_UNKNOWN, cases, late)).isGreaterThanOrEqualTo(peer);
    }
    assertThat(avgAt5(ForesplitRanker.NOTHING_KNOWN, cases, 0)).isGreaterThan(0.8);
  }

  @Test
  void withoutAFaultNobodyIsBlamed() {
    List<RootCauseCase> quiet = SimulatedShop.cases(Setting.USUAL, Fault.NONE, 5000, 8);
    for (ForesplitRanker ranker :
        List.of(ForesplitRanker.ONSET_UNKNOWN, ForesplitRanker.NOTHING_KNOWN)) {
      assertThat(quiet.stream().filter(c -> ranker.diagnosis(c).abstained()).count())
          .isGreaterThanOrEqualTo(Math.round(0.95 * quiet.size()));
    }
  }

  @Test
  void aShopRepeats() {
    RootCauseCase one = SimulatedShop.cases(Setting.USUAL, Fault.CPU, 3, 1).get(0);
    RootCauseCase again = SimulatedShop.cases(Setting.USUAL, Fault.CPU, 3, 1).get(0);
    assertThat(one.name()).isEqualTo(again.name());
    for (int i = 0; i < one.series().size(); i++) {
      assertThat(one.series().get(i).values()).containsExactly(again.series().get(i).values());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = ForesplitRanker.class,
      names = {"CALLS_KNOWN", "ONSET_UNKNOWN"})
  void petShopIsDiagnosedAsWellAsByThePublishedTraversal(ForesplitRanker ranker)
      throws DataFileException {
    Path folder =
        Path.of(System.getProperty("foresplit.data", "../../shared/data"))
            .resolve("petshop/dataset/low_traffic")
            .toAbsolutePath()
            .normalize();
    Assumptions.assumeTrue(
        Files.isDirectory(folder),
        () -> "skipped: no " + folder + ", name the data with -Dforesplit.data=DIR");
    var byKind = new RootCauseComparison(PetShop.read(folder)).of(ranker, 0);
    for (String kind : Arrays.asList("latency", "availability")) {
      RootCauseScore score = byKind.getOrDefault(kind, new RootCauseScore(0, 0, 0, 0));
      boolean latency = kind.equals("latency");
      assertThat(score.top1()).as(kind).isGreaterThanOrEqualTo(latency ? 0.571 : 0.833);
      assertThat(score.top3()).as(kind).isGreaterThanOrEqualTo(latency ? 0.571 : 1.0);
    }
  }
}
