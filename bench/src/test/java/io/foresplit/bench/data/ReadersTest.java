package io.foresplit.bench.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.bench.data.NabSeries.Window;
import io.foresplit.bench.data.RootCauseCase.Call;
import io.foresplit.runtime.plan.TierNetwork;
import io.foresplit.runtime.plan.TierNetwork.Link;
import io.foresplit.runtime.plan.TierNetwork.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadersTest {
  @TempDir Path folder;

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(folder.resolve(name).resolveSibling(""));
    Files.writeString(file, text);
  }

  private void nab(String windows) throws IOException {
    write("data/a/x.csv", "timestamp,value\n2014-01-01 00:00:00,1.5\n2014-01-01 00:05:00,2\n");
    write("labels/combined_windows.json", "{\"a/x.csv\": " + windows + "}");
    write(
        "config/profiles.json",
        "{\"standard\": {\"CostMatrix\": {\"tpWeight\": 1.0, \"fnWeight\": 1.0, \"fpWeight\": 0.11,"
            + " \"tnWeight\": 1.0}}}");
  }

  @Test
  void aNabFolderIsRead() throws IOException {
    nab("[[\"2014-01-01 00:05:00.000000\", \"2014-01-01 00:05:00.000000\"]]");

    NabCorpus corpus = NabCorpus.read(folder);

    assertThat(corpus.windows()).isEqualTo(1);
    assertThat(corpus.series().get(0).values()).containsExactly(1.5, 2);
    assertThat(corpus.series().get(0).windows()).containsExactly(new Window(1, 1));
    assertThat(corpus.profiles()).containsExactly(new NabProfile("standard", 1, 1, 0.11));
  }

  @Test
  void aWindowBesideTheRowsIsRefusedInOneLine() throws IOException {
    nab("[[\"2015-01-01 00:05:00\", \"2015-01-01 00:05:00\"]]");

    assertThatThrownBy(() -> NabCorpus.read(folder))
        .isInstanceOf(DataFileException.class)
        .hasMessageContaining("expected a time of a row of a/x.csv, was '2015-01-01 00:05:00'");
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatThrownBy(() -> NabCorpus.read(folder))
        .hasMessageContaining("combined_windows.json: expected a readable file, there is none");
  }

  /** Rows of series of so many values each: 0, 1, 2, … and some of it missing. */
  private static String telemetry(String series, int values, int missingFrom, int missingTo) {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < values; i++) {
      String value = i >= missingFrom && i < missingTo ? "" : Integer.toString(i);
      rows.append(series).append(',').append(i + 1).append(',').append(value).append('\n');
    }
    return rows.toString();
  }

  @Test
  void ofRecordedTelemetryWhatIsForecastAndWholeIsTaken() throws IOException {
    write(
        "one.csv",
        "series,interval,value\n"
            + telemetry("job/a->b/link-rate", 400, 300, 310)
            + telemetry("job/a/heap-bytes", 400, 0, 0)
            + telemetry("job/a/slowdown", 300, 0, 0)
            + telemetry("job/b/slowdown", 400, 0, 100));
    write("two.csv", "series,interval,value\n" + telemetry("job/b/loss", 320, 0, 0));

    List<ForecastSeries> series = TelemetryTask.read(folder, 10, 5);

    assertThat(series)
        .extracting(ForecastSeries::name)
        .containsExactly("job/a->b/link-rate", "job/b/loss");
    ForecastSeries link = series.get(0);
    assertThat(link.values()).hasSize(400).contains(399.0);
    assertThat(link.values()[305]).isNaN();
    assertThat(link.firstOrigin()).isEqualTo(TelemetryTask.CONTEXT);
    assertThat(link.every()).isEqualTo((400 - 256 - 64) / 4);
    assertThat(TelemetryTask.read(folder, 1, 5)).hasSize(1);
  }

  @Test
  void telemetryWithoutASeriesToForecastIsRefused() throws IOException {
    write("one.csv", "series,interval,value\n" + telemetry("job/a/slowdown", 300, 0, 0));
    assertThatThrownBy(() -> TelemetryTask.read(folder, 10, 5))
        .isInstanceOf(DataFileException.class)
        .hasMessageContaining("expected series of 320 intervals, there are none");
    write("one.csv", "name,interval,value\n");
    assertThatThrownBy(() -> TelemetryTask.read(folder, 10, 5))
        .hasMessageContaining("expected the header series,interval,value");
  }

  private static final String HEADER =
      """
      microservice,shop,db
      metric,latency,latency
      statistic,Average,Average
      unix_timestamp,,
      """;

  @Test
  void aPetShopCaseIsNormalRowsThenThoseAroundTheFault() throws IOException {
    write("graph.csv", ",shop,db\nshop,0.0,1.0\ndb,0.0,0.0\n");
    write("noissue/metrics.csv", HEADER + "5000.0,1.0,2.0\n5300.0,1.0,\n");
    write("train/issue_0/metrics.csv", HEADER + "100.0,1.0,2.0\n400.0,7.0,9.0\n700.0,7.0,9.0\n");
    write(
        "train/issue_0/target.json",
        "{\"target\": {\"node\": \"shop\", \"metric\": \"latency\", \"agg\": \"Average\","
            + " \"timestamp\": 390}, \"root_cause\": {\"node\": \"db\", \"metric\": null}}");

    List<RootCauseCase> cases = PetShop.read(folder);

    assertThat(cases).hasSize(1);
    RootCauseCase one = cases.get(0);
    assertThat(one.name()).isEqualTo("issue_0");
    assertThat(one.kind()).isEqualTo("latency");
    assertThat(one.rootCause()).isEqualTo("db");
    assertThat(one.onset()).isEqualTo(3);
    assertThat(one.calls()).containsExactly(new Call("shop", "db"));
    assertThat(one.series().get(1).values()).containsExactly(2, Double.NaN, 2, 9, 9);
    assertThat(one.withTargetMetricOnly().series()).hasSize(2);
  }

  @Test
  void theTransformerDataIsStandardisedByItsFirstYear() {
    double[] values = {1, 3, 1, 3, 10};

    double[] standardised = EttTask.standardised(values, 4);

    assertThat(standardised).containsExactly(-1, 1, -1, 1, 8);
  }

  @Test
  void aTransformerFileThatIsTooShortIsRefused() throws IOException {
    write("ETTh1.csv", "date,OT\n2016-07-01 00:00:00,1.0\n");

    assertThatThrownBy(() -> EttTask.read(folder.resolve("ETTh1.csv")))
        .hasMessageContaining("14400 hours, had 1");
  }

  @Test
  void aModelIsAChainBetweenItsNarrowPlaces() throws IOException {
    String sizes = "activation_size=1000.0, parameter_size=10.0";
    String times = "forward_compute_time=1000.0, backward_compute_time=1000.0, ";
    StringBuilder text = new StringBuilder();
    text.append("node0 -- Input0 -- ").append(times).append(sizes).append('\n');
    for (int i = 1; i <= 5; i++) {
      text.append("node" + i + " -- op -- ").append(times).append(sizes).append('\n');
    }
    // a branch around node2 and node3
    for (String edge : List.of("0 1", "1 2", "1 3", "2 4", "3 4", "4 5")) {
      String[] ends = edge.split(" ", -1);
      text.append("\tnode" + ends[0] + " -- node" + ends[1] + "\n");
    }
    write("m.graph.txt", text.toString());

    ChainModel model = PipeDreamProfiles.read(folder).get(0);

    assertThat(model.blockOfLayer()).containsExactly(0, 1, 1, 1, 2);
    assertThat(model.ownerBlocks()).isEqualTo(1);
    assertThat(model.blocks().layers().get(1).seconds()).isEqualTo(6);
    assertThat(model.blocks().layers().get(1).bytes().parameters()).isEqualTo(30);

    TierNetwork network =
        new TierNetwork(
            List.of(Tier.ofSpeed("a", 1), Tier.ofSpeed("b", 2)), List.of(new Link(100, 200, 0.5)));
    List<Integer> tiers = List.of(0, 1, 1);
    // 2 s here, 8 s at twice the speed, 1000 bytes up and down, a round trip
    double expected = 2 + 4 + 10 + 5 + 0.5;
    assertThat(new StepTime(model.blocks()).seconds(network, tiers)).isEqualTo(expected);
    assertThat(new StepTime(model.graph()).seconds(network, model.expand(tiers)))
        .isCloseTo(expected, within(1e-12));
    assertThat(Arrays.asList(0, 1, 1, 1, 1)).isEqualTo(model.expand(tiers));
  }
}
