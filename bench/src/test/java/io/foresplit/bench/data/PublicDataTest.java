package io.foresplit.bench.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.bench.peer.ForecastComparison;
import io.foresplit.bench.peer.ForecastComparison.Errors;
import io.foresplit.bench.peer.SimpleForecaster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * The public data itself, where it is: the folder that the system property {@code foresplit.data}
 * names, or {@code shared/data} beside the repository.
 */
class PublicDataTest {
  private static Path folder(String part) {
    Path data = Path.of(System.getProperty("foresplit.data", "../../shared/data"));
    Path folder = data.resolve(part).toAbsolutePath().normalize();
    Assumptions.assumeTrue(
        Files.isDirectory(folder),
        () -> "skipped: no " + folder + ", name the data with -Dforesplit.data=DIR");
    return folder;
  }

  @Test
  void everySeriesOfNabHasItsWindowsAfterProbation() throws IOException {
    NabCorpus corpus = NabCorpus.read(folder("nab"));

    assertThat(corpus.series()).isNotEmpty();
    assertThat(corpus.profiles())
        .extracting(NabProfile::label)
        .contains("standard", "lowFP", "lowFN");
    for (NabSeries series : corpus.series()) {
      assertThat(series.windows()).allMatch(w -> w.first() >= series.probation());
    }
  }

  @Test
  void petShopHasAFaultInEveryCase() throws IOException {
    for (RootCauseCase one : PetShop.read(folder("petshop").resolve("dataset/low_traffic"))) {
      assertThat(one.components()).contains(one.target(), one.rootCause());
      assertThat(one.withTargetMetricOnly().series()).isNotEmpty();
    }
  }

  /** Published for these: 0.512 and 1.294. */
  @Test
  void simpleForecastersReachWhatIsPublishedOnTheTransformerData() throws IOException {
    EttTask task = EttTask.read(folder("etth").resolve("ETTh1.csv"));
    ForecastComparison comparison =
        new ForecastComparison(task.series(), EttTask.CONTEXT, EttTask.HORIZON, () -> 0);

    assertThat(comparison.of(SimpleForecaster.SEASONAL_NAIVE).mean(Errors::mse))
        .isCloseTo(0.512, within(5e-4));
    assertThat(comparison.of(SimpleForecaster.REPEAT_LAST).mean(Errors::mse))
        .isCloseTo(1.294, within(5e-4));
  }

  @Test
  void everyProfileOfPipeDreamIsAChainOfBlocks() throws IOException {
    for (ChainModel model : PipeDreamProfiles.read(folder("pipedream"))) {
      assertThat(model.blocks().layers().size()).isBetween(2, model.graph().layers().size());
    }
  }
}
