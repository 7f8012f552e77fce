package io.foresplit.diagnoser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.diagnoser.CallGraph.Call;
import io.foresplit.diagnoser.MetricDiagnosis.Finding;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

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
}
