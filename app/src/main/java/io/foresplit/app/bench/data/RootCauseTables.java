package io.foresplit.app.bench.data;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.foresplit.bench.data.DataFileException;
import io.foresplit.bench.data.PetShop;
import io.foresplit.bench.data.RootCauseCase;
import io.foresplit.bench.data.RootCauseScore;
import io.foresplit.bench.data.SimulatedShop;
import io.foresplit.bench.data.SimulatedShop.Fault;
import io.foresplit.bench.data.SimulatedShop.Setting;
import io.foresplit.bench.peer.DeviationRanker;
import io.foresplit.bench.peer.ForesplitRanker;
import io.foresplit.bench.peer.RandomRanker;
import io.foresplit.bench.peer.RootCauseBelief;
import io.foresplit.bench.peer.RootCauseComparison;
import io.foresplit.bench.peer.RootCauseRanker;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Rankers of root causes beside each other. Used once. */
final class RootCauseTables {
  private static final double ONSET_ERROR_SECONDS = 60;

  /** Shops drawn for each fault and struck service. */
  private static final int SEEDS = 8;

  private static final List<Fault> FAULTS =
      Arrays.stream(Fault.values()).filter(f -> f != Fault.NONE).toList();

  private static final List<RootCauseRanker> ONSET_KNOWN =
      List.of(
          ForesplitRanker.CALLS_KNOWN,
          ForesplitRanker.CALLS_UNKNOWN,
          DeviationRanker.RISE,
          DeviationRanker.ROBUST,
          DeviationRanker.THREE_SIGMA,
          new RandomRanker());

  private static final List<RootCauseRanker> ONSET_ESTIMATED =
      List.of(ForesplitRanker.ONSET_UNKNOWN, ForesplitRanker.NOTHING_KNOWN);

  private final PrintWriter out;
  private final ObjectNode measures;

  RootCauseTables(PrintWriter out, ObjectNode measures) {
    this.out = out;
    this.measures = measures;
  }

  void petShop(Path data) throws DataFileException {
    List<RootCauseCase> cases =
        PetShop.read(data.resolve("petshop").resolve("dataset").resolve("low_traffic"));
    Table.title(
        out,
        "Root cause: PetShop, low traffic, %d faults; e: onset a row early, l: a row late",
        cases.size());
    Table table =
        new Table(
            out,
            47,
            5,
            "Metrics, kind, ranker",
            List.of("top-1", "top-3", "Avg@5", "e-1", "e-3", "eA@5", "l-1", "l-3", "lA@5"));
    RootCauseComparison all = new RootCauseComparison(cases);
    rankers(all, "all", table, measures.withObjectProperty("rootCause"));
    rankers(
        new RootCauseComparison(cases.stream().map(RootCauseCase::withTargetMetricOnly).toList()),
        "target's",
        table,
        measures.withObjectProperty("rootCauseTargetMetric"));
  }

  private void rankers(
      RootCauseComparison comparison, String metrics, Table table, ObjectNode node) {
    List<RootCauseRanker> rankers =
        Stream.of(ONSET_KNOWN, ONSET_ESTIMATED).flatMap(List::stream).toList();
    List<List<Map<String, RootCauseScore>>> byRanker = new ArrayList<>();
    for (RootCauseRanker ranker : rankers) {
      byRanker.add(Stream.of(0, -1, 1).map(late -> comparison.of(ranker, late)).toList());
    }
    for (String kind : comparison.kinds()) {
      for (int r = 0; r < rankers.size(); r++) {
        RootCauseRanker ranker = rankers.get(r);
        ObjectNode measured = node.withObjectProperty(ranker.label()).putObject(kind);
        List<ObjectNode> nodes =
            List.of(measured, measured.putObject("onsetEarly"), measured.putObject("onsetLate"));
        List<String> cells = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
          RootCauseScore score = Objects.requireNonNull(byRanker.get(r).get(i).get(kind));
          put(nodes.get(i), score);
          cells.add(Table.format("%.2f", score.top1()));
          cells.add(Table.format("%.2f", score.top3()));
          cells.add(Table.format("%.2f", score.avgAt5()));
        }
        table.row(metrics + ", " + kind + ", " + ranker.label(), cells);
      }
    }
  }

  private static void put(ObjectNode node, RootCauseScore score) {
    node.put("top1", score.top1()).put("top3", score.top3()).put("avgAt5", score.avgAt5());
  }

  /** Simulated shops as they usually are, then other ones. */
  void shop(long seed) {
    Setting usual = Setting.USUAL;
    ObjectNode node = measures.withObjectProperty("rootCauseShop");
    RootCauseComparison comparison = new RootCauseComparison(faults(usual, seed, SEEDS));
    int cases = FAULTS.size() * SEEDS * SimulatedShop.STRUCK.size();
    Table.title(
        out,
        "Root cause: simulated shops, %d rows of %.0f s, %d faults; Avg@5, and top-1 of all",
        usual.rows(),
        usual.stepSeconds(),
        cases);
    List<String> columns = new ArrayList<>(comparison.kinds());
    columns.addAll(List.of("all", "top-1"));
    Table table = new Table(out, 34, 6, "Onset, ranker", columns);
    int wrong = (int) Math.ceil(ONSET_ERROR_SECONDS / usual.stepSeconds());
    for (RootCauseRanker ranker : ONSET_KNOWN) {
      shopRow(table, "right", ranker, comparison, 0, node);
    }
    for (RootCauseRanker ranker : ONSET_KNOWN) {
      shopRow(table, "60 s early", ranker, comparison, -wrong, node);
    }
    for (RootCauseRanker ranker : ONSET_KNOWN) {
      shopRow(table, "60 s late", ranker, comparison, wrong, node);
    }
    for (RootCauseRanker ranker : ONSET_ESTIMATED) {
      shopRow(table, "unknown", ranker, comparison, 0, node);
    }
    out.println();
    belief(comparison.cases(), SimulatedShop.cases(usual, Fault.NONE, seed, SEEDS), node);
    out.println();
    variations(seed, node);
  }

  private static List<RootCauseCase> faults(Setting setting, long seed, int seeds) {
    return FAULTS.stream()
        .flatMap(fault -> SimulatedShop.cases(setting, fault, seed, seeds).stream())
        .toList();
  }

  private static void shopRow(
      Table table,
      String onset,
      RootCauseRanker ranker,
      RootCauseComparison comparison,
      int late,
      ObjectNode node) {
    ObjectNode measured = node.withObjectProperty(onset).putObject(ranker.label());
    Map<String, RootCauseScore> byKind = comparison.of(ranker, late);
    RootCauseScore all = RootCauseScore.pooled(byKind.values());
    List<String> cells = new ArrayList<>();
    byKind.forEach(
        (kind, score) -> {
          put(measured.putObject(kind), score);
          cells.add(Table.format("%.3f", score.avgAt5()));
        });
    put(measured.putObject("all"), all);
    cells.add(Table.format("%.3f", all.avgAt5()));
    cells.add(Table.format("%.3f", all.top1()));
    table.row(onset + ", " + ranker.label(), cells);
  }

  private void belief(List<RootCauseCase> faults, List<RootCauseCase> none, ObjectNode node) {
    Table table =
        new Table(
            out,
            28,
            9,
            "Belief in the first",
            List.of("mean", "right", "error", "no fault", "abstained"));
    for (ForesplitRanker ranker : ForesplitRanker.values()) {
      RootCauseBelief belief = RootCauseBelief.of(ranker, faults, none);
      node.withObjectProperty("belief")
          .putObject(ranker.label())
          .put("mean", belief.mean())
          .put("right", belief.right())
          .put("calibrationError", belief.calibrationError())
          .put("meanWithoutFault", belief.meanWithoutFault())
          .put("abstained", belief.abstained());
      table.row(
          ranker.label(),
          List.of(
              Table.format("%.3f", belief.mean()),
              Table.format("%.3f", belief.right()),
              Table.format("%.3f", belief.calibrationError()),
              Table.format("%.3f", belief.meanWithoutFault()),
              Table.format("%.2f", belief.abstained())));
    }
  }

  private void variations(long seed, ObjectNode node) {
    List<RootCauseRanker> rankers =
        List.of(
            ForesplitRanker.CALLS_KNOWN,
            ForesplitRanker.CALLS_UNKNOWN,
            ForesplitRanker.NOTHING_KNOWN,
            DeviationRanker.RISE,
            DeviationRanker.THREE_SIGMA);
    List<String> columns = new ArrayList<>();
    rankers.forEach(r -> columns.addAll(List.of(r.label(), "late")));
    Table table = new Table(out, 52, 6, "Avg@5 of other shops", columns);
    for (Setting setting : Setting.OTHERS) {
      RootCauseComparison comparison = new RootCauseComparison(faults(setting, seed, SEEDS / 2));
      int wrong = (int) Math.ceil(ONSET_ERROR_SECONDS / setting.stepSeconds());
      String name =
          Table.format(
              "%d of %.0f s, fault at %d, noise %.1f, %.0f confounders",
              setting.rows(),
              setting.stepSeconds(),
              setting.onset(),
              setting.noise(),
              setting.confounders());
      List<String> cells = new ArrayList<>();
      for (RootCauseRanker ranker : rankers) {
        for (int late : List.of(0, wrong)) {
          RootCauseScore score = RootCauseScore.pooled(comparison.of(ranker, late).values());
          ObjectNode measured =
              node.withObjectProperty("others")
                  .withObjectProperty(name)
                  .putObject(ranker.label() + (late == 0 ? "" : "-late"));
          put(measured, score);
          cells.add(Table.format("%.3f", score.avgAt5()));
        }
      }
      table.row(name, cells);
    }
  }
}
