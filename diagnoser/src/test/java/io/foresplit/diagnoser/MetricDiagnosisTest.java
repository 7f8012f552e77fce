package io.foresplit.diagnoser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.diagnoser.CallGraph.Call;
import io.foresplit.diagnoser.MetricDiagnosis.Finding;
import io.foresplit.diagnoser.MetricTable.MetricSeries;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricDiagnosisTest {
  private static final double START = 1_700_000_000;
  private static final int STEPS = 200;
  private static final int ONSET = 150;
  private static final CallGraph CHAIN =
      new CallGraph(List.of(new Call("front", "cart"), new Call("cart", "database")));

  private record Row(double time, String component, String metric, double value) {}

  /** A chain whose database slows down: the front suffers most of all. */
  private static List<Row> rows(double front, double cart, double database) {
    Random random = new Random(3);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < STEPS; i++) {
      double on = i >= ONSET ? 1 : 0;
      double time = START + 60 * i;
      rows.add(new Row(time, "front", "latency", 10 + on * front + random.nextGaussian()));
      rows.add(new Row(time, "cart", "latency", 5 + on * cart + random.nextGaussian()));
      rows.add(new Row(time, "database", "latency", 2 + on * database + random.nextGaussian()));
      rows.add(new Row(time, "database", "size", 1));
      rows.add(new Row(time, "mail", "latency", 3 + random.nextGaussian()));
    }
    return rows;
  }

  private static MetricTable table(List<Row> rows) {
    MetricTable.Builder builder = new MetricTable.Builder();
    rows.forEach(r -> builder.add(r.time(), r.component(), r.metric(), r.value()));
    return builder.build();
  }

  private static MetricDiagnosis diagnose(List<Row> rows, CallGraph calls) {
    return MetricDiagnosis.of(table(rows), calls, OptionalDouble.of(START + 60 * ONSET));
  }

  private static List<String> components(MetricDiagnosis diagnosis) {
    return diagnosis.ranked().stream().map(Finding::component).toList();
  }

  @Test
  void withoutAGraphTheStrongestChangeLeads() {
    assertThat(components(diagnose(rows(60, 40, 30), CallGraph.UNKNOWN)))
        .containsExactly("front", "cart", "database");
  }

  @Test
  void withAGraphTheDeepestAnomalousCalleeLeads() {
    MetricDiagnosis diagnosis = diagnose(rows(60, 40, 30), CHAIN);
    assertThat(components(diagnosis).get(0)).isEqualTo("database");
    assertThat(diagnosis.ranked().get(0).evidence()).startsWith("latency went from ");
    assertThat(diagnosis.ranked()).allMatch(f -> f.score() >= 0 && f.score() <= 1);
  }

  @Test
  void aCalleeThatIsWellExplainsNothing() {
    assertThat(components(diagnose(rows(60, 0, 0), CHAIN)).get(0)).isEqualTo("front");
  }

  @Test
  void callsInACircleEnd() {
    CallGraph circle = new CallGraph(List.of(new Call("front", "cart"), new Call("cart", "front")));
    assertThat(components(diagnose(rows(60, 40, 30), circle))).contains("front", "cart");
  }

  @Test
  void nothingStandsOutOfNoise() {
    MetricDiagnosis diagnosis = diagnose(rows(0, 0, 0), CHAIN);
    assertThat(diagnosis.abstained()).isTrue();
    assertThat(diagnosis.ranked()).isEmpty();
  }

  @Test
  void theOnsetIsEstimated() {
    MetricDiagnosis diagnosis =
        MetricDiagnosis.of(table(rows(60, 40, 30)), CHAIN, OptionalDouble.empty());
    assertThat(diagnosis.onsetSeconds().orElseThrow()).isCloseTo(START + 60 * ONSET, within(120.0));
    assertThat(components(diagnosis).get(0)).isEqualTo("database");
  }

  @Test
  void theOrderOfTheRowsDoesNotMatter() {
    List<Row> shuffled = new ArrayList<>(rows(60, 40, 30));
    Collections.shuffle(shuffled, new Random(9));
    assertThat(diagnose(shuffled, CHAIN)).isEqualTo(diagnose(rows(60, 40, 30), CHAIN));
  }

  @Test
  void theScaleOfAMetricDoesNotMatter() {
    List<Row> scaled =
        rows(60, 40, 30).stream()
            .map(r -> new Row(r.time(), r.component(), r.metric(), 1e6 * r.value()))
            .toList();
    assertThat(components(diagnose(scaled, CHAIN)))
        .isEqualTo(components(diagnose(rows(60, 40, 30), CHAIN)));
  }

  @Test
  void tooLittleToTellIsNoDiagnosis() {
    MetricDiagnosis diagnosis =
        MetricDiagnosis.of(table(rows(9, 9, 9).subList(0, 5)), CHAIN, OptionalDouble.empty());
    assertThat(diagnosis.abstained()).isTrue();
    assertThat(diagnosis.onsetSeconds()).isEmpty();
  }

  @Test
  void irregularTimesLieOnAGrid() {
    MetricTable table =
        new MetricTable.Builder()
            .add(100, "a", "m", 1)
            .add(160, "a", "m", 2)
            .add(161, "a", "m", 4)
            .add(219, "a", "m", 5)
            .add(340, "a", "m", 6)
            .add(400, "a", "m", 7)
            .build();
    assertThat(table.stepSeconds()).isEqualTo(60);
    assertThat(table.series().get(0).values()).containsExactly(1, 3, 5, Double.NaN, 6, 7);
  }

  @Test
  void timesThatFitOnNoGridAreRefused() {
    MetricTable.Builder builder = new MetricTable.Builder();
    for (int i = 0; i < 10; i++) {
      builder.add(1e9 + i * 0.001, "a", "m", i);
    }
    builder.add(0, "a", "m", 1);
    assertThatThrownBy(builder::build).hasMessageContaining("steps of the median distance");
  }

  /** White noise; one series of the first component is shifted by some sigmas for some steps. */
  private static MetricTable noise(
      int seed, int components, int steps, int from, int length, double shift) {
    Random random = new Random(seed);
    List<MetricSeries> series = new ArrayList<>();
    for (int c = 0; c < components; c++) {
      double[] values = new double[steps];
      for (int i = 0; i < steps; i++) {
        boolean on = c == 0 && i >= from && i < from + length;
        values[i] = 10 + random.nextGaussian() + (on ? shift : 0);
      }
      series.add(new MetricSeries("c" + c, "latency", values));
    }
    return new MetricTable(START, 60, steps, series);
  }

  @Test
  void noiseHasNoOnsetAndNoCulprit() {
    for (int seed = 0; seed < 30; seed++) {
      MetricDiagnosis diagnosis =
          MetricDiagnosis.of(
              noise(seed, 4, 600, 0, 0, 0), CallGraph.UNKNOWN, OptionalDouble.empty());
      assertThat(diagnosis.abstained()).as("seed %d", seed).isTrue();
      assertThat(diagnosis.onsetSeconds()).as("seed %d", seed).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 300, 570})
  void aShortShiftOfOneOfManySeriesIsFound(int from) {
    for (int seed = 0; seed < 10; seed++) {
      MetricDiagnosis diagnosis =
          MetricDiagnosis.of(
              noise(seed, 40, 600, from, 30, 3), CallGraph.UNKNOWN, OptionalDouble.empty());
      assertThat(components(diagnosis)).as("seed %d", seed).startsWith("c0");
      assertThat(diagnosis.onsetSeconds().orElseThrow())
          .as("seed %d", seed)
          .isCloseTo(START + 60 * from, within(5 * 60.0));
    }
  }

  @Test
  void withoutAComplaintAHarmlessShiftIsNoTrouble() {
    MetricSeries[] all = {
      series("shop", "latency", 10, 10), series("store", "cpu", 10, 18), series("a", "cpu", 10, 10)
    };
    assertThat(components(diagnose(CallGraph.UNKNOWN, 400, all))).containsExactly("store");
    assertThat(diagnose(CallGraph.UNKNOWN, OptionalDouble.empty(), all).abstained()).isTrue();

    all[0] = series("shop", "latency", 10, 14);
    assertThat(components(diagnose(CallGraph.UNKNOWN, OptionalDouble.empty(), all)))
        .startsWith("store");
  }

  @Test
  void aSeriesThatJumpsFarDoesNotOutvoteSeveral() {
    MetricSeries restart = series("cache", "mem", 1000, 1000);
    Arrays.setAll(restart.values(), i -> restart.values()[i] + (i < 200 ? 0 : 100));
    MetricDiagnosis diagnosis =
        diagnose(
            CallGraph.UNKNOWN,
            OptionalDouble.empty(),
            restart,
            series("store", "cpu", 10, 90),
            series("store", "latency", 10, 16),
            series("shop", "latency", 10, 15));
    assertThat(diagnosis.onsetSeconds().orElseThrow()).isCloseTo(400, within(5.0));
    assertThat(components(diagnosis)).startsWith("store");
  }

  @Test
  void aNormalTimeMayLieWeeksBefore() {
    MetricSeries[] all = {series("a", "cpu", 10, 10), series("b", "cpu", 10, 40)};
    int gap = 20_000;
    MetricSeries[] apart = new MetricSeries[all.length];
    for (int i = 0; i < all.length; i++) {
      double[] values = new double[600 + gap];
      Arrays.fill(values, Double.NaN);
      System.arraycopy(all[i].values(), 0, values, 0, 300);
      System.arraycopy(all[i].values(), 300, values, 300 + gap, 300);
      apart[i] = new MetricSeries(all[i].component(), all[i].metric(), values);
    }
    MetricTable table = new MetricTable(0, 1, 600 + gap, List.of(apart));
    assertThat(
            components(MetricDiagnosis.of(table, CallGraph.UNKNOWN, OptionalDouble.of(400 + gap))))
        .containsExactly("b");
  }

  @Test
  @Timeout(5)
  void aLargeCallGraphIsRankedAtOnce() {
    Random random = new Random(8);
    List<Call> calls = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      calls.add(new Call("c" + random.nextInt(2000), "c" + random.nextInt(2000)));
    }
    List<ComponentChange> changes = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      double strength = 100 - 0.04 * i;
      MetricSeries series = new MetricSeries("c" + i, "latency", new double[0]);
      MetricChange change = new MetricChange(series, 1, 100, 99, strength);
      changes.add(new ComponentChange(change, 0, strength, strength));
    }
    assertThat(new Origins(new CallGraph(calls), Origins.NONE).rank(changes)).hasSize(2000);
  }

  @Test
  void noEvidenceIsInfinite() {
    double[] values = new double[40];
    Arrays.fill(values, 30, 40, 1e300);
    MetricTable table =
        new MetricTable(0, 1, 40, List.of(new MetricSeries("a", "latency", values)));
    assertThat(MetricDiagnosis.of(table, CallGraph.UNKNOWN, OptionalDouble.of(30)).ranked().get(0))
        .extracting(Finding::evidence)
        .asString()
        .doesNotContain("Infinity");
  }

  /** Series of a component from onset on at another level, in noise of one unit. */
  private static MetricSeries series(String component, String metric, double from, double to) {
    Random random = new Random((component + metric).hashCode());
    double[] values = new double[600];
    Arrays.setAll(values, i -> (i < 400 ? from : to) + random.nextGaussian());
    return new MetricSeries(component, metric, values);
  }

  private static MetricDiagnosis diagnose(CallGraph calls, double onset, MetricSeries... series) {
    return diagnose(calls, OptionalDouble.of(onset), series);
  }

  private static MetricDiagnosis diagnose(
      CallGraph calls, OptionalDouble onset, MetricSeries... series) {
    return MetricDiagnosis.of(new MetricTable(0, 1, 600, List.of(series)), calls, onset);
  }

  @Test
  void anImprovementIsNoTrouble() {
    MetricDiagnosis diagnosis =
        diagnose(
            CallGraph.UNKNOWN,
            400,
            series("calm", "availability", 80, 99),
            series("slow", "latency", 10, 25));
    assertThat(components(diagnosis).get(0)).isEqualTo("slow");
  }

  @Test
  void requestsToACalleeAreWhatItsCallerDoes() {
    MetricSeries[] all = {series("shop", "latency", 10, 40), series("store", "requests", 100, 400)};
    assertThat(components(diagnose(CallGraph.UNKNOWN, 400, all))).contains("store");
    assertThat(components(diagnose(new CallGraph(List.of(new Call("shop", "store"))), 400, all)))
        .containsExactly("shop");
  }

  @Test
  void aCalleeThatIsBusyExplainsTheLatencyOfItsCallerButNotItsProcessor() {
    CallGraph calls = new CallGraph(List.of(new Call("shop", "store")));
    MetricSeries busy = series("store", "cpu", 10, 40);

    assertThat(components(diagnose(calls, 400, series("shop", "latency", 10, 90), busy)))
        .startsWith("store");
    assertThat(components(diagnose(calls, 400, series("shop", "cpu", 10, 90), busy)))
        .startsWith("shop");
  }

  @Test
  void whatWasThereBeforeTheTroubleCountsForLess() {
    MetricSeries old = series("old", "latency", 10, 60);
    Arrays.fill(old.values(), 200, 400, 60);
    assertThat(components(diagnose(CallGraph.UNKNOWN, 400, old, series("new", "latency", 10, 40))))
        .startsWith("new");
  }

  @Test
  void aTinySpreadIsNotBelievedWhereTheSameMetricOfOthersIsWide() {
    MetricSeries quiet = series("quiet", "cpu", 10, 10);
    Arrays.setAll(quiet.values(), i -> 10 + 1e-6 * quiet.values()[i] + (i < 400 ? 0 : 0.1));
    assertThat(
            components(
                diagnose(
                    CallGraph.UNKNOWN,
                    400,
                    quiet,
                    series("a", "cpu", 10, 10),
                    series("b", "cpu", 10, 30))))
        .containsExactly("b");
  }

  @Test
  void aBurstIsLessThanWhatLasts() {
    MetricSeries burst = series("burst", "cpu", 10, 10);
    Arrays.fill(burst.values(), 450, 455, 60);
    assertThat(
            components(diagnose(CallGraph.UNKNOWN, 400, burst, series("lasting", "cpu", 10, 40))))
        .startsWith("lasting");
  }

  @ParameterizedTest
  @ValueSource(ints = {-60, 0, 60})
  void anOnsetThatIsAMinuteWrongChangesLittle(int late) {
    MetricDiagnosis diagnosis =
        diagnose(
            CallGraph.UNKNOWN,
            400 + late,
            series("a", "cpu", 10, 20),
            series("b", "cpu", 10, 40),
            series("c", "cpu", 10, 10));
    assertThat(components(diagnosis)).containsExactly("b", "a");
    assertThat(diagnosis.ranked().get(0).score()).isGreaterThan(0.5);
  }

  @Test
  void sharesOfBeliefLeaveRoomForNone() {
    MetricDiagnosis weak = diagnose(CallGraph.UNKNOWN, 400, series("a", "cpu", 10, 14));
    MetricDiagnosis strong = diagnose(CallGraph.UNKNOWN, 400, series("a", "cpu", 10, 400));
    assertThat(weak.ranked().get(0).score()).isLessThan(0.9);
    assertThat(strong.ranked().get(0).score()).isBetween(0.95, 1.0);
  }

  @Test
  void aNormalTimeOfAnotherDayComesRightBefore() {
    MetricTable normal =
        new MetricTable(0, 60, 3, List.of(new MetricSeries("a", "m", new double[] {1, 2, 3})));
    MetricTable now =
        new MetricTable(
            6000,
            60,
            2,
            List.of(
                new MetricSeries("a", "m", new double[] {4, 5}),
                new MetricSeries("b", "m", new double[] {6, 7})));

    MetricTable both = now.after(normal);

    assertThat(both.startSeconds()).isEqualTo(6000 - 3 * 60);
    assertThat(both.steps()).isEqualTo(5);
    assertThat(both.series().get(0).values()).containsExactly(1, 2, 3, 4, 5);
    assertThat(both.series().get(1).values())
        .containsExactly(Double.NaN, Double.NaN, Double.NaN, 6, 7);
    assertThatThrownBy(() -> new MetricTable(0, 1, 0, List.of()).after(normal))
        .hasMessageContaining("steps of one length");
  }
}
