package io.foresplit.app.bench.data;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.foresplit.bench.data.ChainModel;
import io.foresplit.bench.data.DataFileException;
import io.foresplit.bench.data.NabCorpus;
import io.foresplit.bench.data.NabProfile;
import io.foresplit.bench.data.PipeDreamProfiles;
import io.foresplit.bench.peer.AnomalyDetector;
import io.foresplit.bench.peer.DetectionComparison;
import io.foresplit.bench.peer.ForesplitDetector;
import io.foresplit.bench.peer.ForesplitPlanner;
import io.foresplit.bench.peer.PlanningComparison;
import io.foresplit.bench.peer.RandomCut;
import io.foresplit.bench.peer.RandomCutForestDetector;
import io.foresplit.bench.peer.RandomDetector;
import io.foresplit.bench.peer.SplitPlanner;
import io.foresplit.bench.peer.StaticSplit;
import io.foresplit.bench.peer.WindowedGaussianDetector;
import io.foresplit.forecaster.model.OnnxModel;
import io.foresplit.runtime.plan.TierNetwork;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/** Runs the tasks, prints a table of each, row by row, and collects the measures. Used once. */
final class DataBench {
  /** Blocks that can move, at least, of a model that is planned. */
  private static final int LEAST_FREE_BLOCKS = 3;

  private final Path data;
  private final int networks;
  private final long seed;
  private final LongSupplier nanoTime;
  private final PrintWriter out;
  private final ObjectNode measures;

  DataBench(
      Path data,
      int networks,
      long seed,
      LongSupplier nanoTime,
      PrintWriter out,
      ObjectNode measures) {
    this.data = data;
    this.networks = networks;
    this.seed = seed;
    this.nanoTime = nanoTime;
    this.out = out;
    this.measures = measures;
  }

  void run(Task task) throws IOException {
    switch (task) {
      case DETECTION -> detection();
      case ROOT_CAUSE -> new RootCauseTables(out, measures).petShop(data);
      case SHOP -> new RootCauseTables(out, measures).shop(seed);
      case FORECAST -> forecasts(ForecastTables::publicData);
      case TELEMETRY -> forecasts(ForecastTables::telemetry);
      case PLANNING -> planning();
    }
    out.println();
    out.flush();
  }

  private void detection() throws DataFileException {
    NabCorpus corpus = NabCorpus.read(data.resolve("nab"));
    DetectionComparison comparison = new DetectionComparison(corpus, nanoTime);
    List<String> profiles = corpus.profiles().stream().map(NabProfile::label).toList();
    Table.title(
        out,
        "Detection: NAB's score on %d of its series, %d windows; best threshold of each profile",
        corpus.series().size(),
        corpus.windows());
    List<String> columns = new ArrayList<>(profiles);
    columns.add("µs/value");
    Table table = new Table(out, 22, 9, "Detector", columns);
    List<AnomalyDetector> detectors =
        List.of(
            new ForesplitDetector(),
            new RandomCutForestDetector(1, seed),
            new RandomCutForestDetector(48, seed),
            new WindowedGaussianDetector(),
            new RandomDetector(seed));
    for (AnomalyDetector detector : detectors) {
      DetectionComparison.Outcome outcome = comparison.of(detector);
      ObjectNode node = measures.withObjectProperty("detection").putObject(outcome.detector());
      List<String> cells = new ArrayList<>();
      for (String profile : profiles) {
        double score = outcome.score(profile).normalized();
        node.put(profile, score);
        cells.add(Table.format("%.1f", score));
      }
      cells.add(Table.format("%.1f", outcome.microsPerValue()));
      table.row(outcome.detector(), cells);
    }
  }

  private void forecasts(ForecastTables.Part part) throws IOException {
    try (OnnxModel model = OnnxModel.bundled(OnnxModel.Options.DEFAULT)) {
      part.print(new ForecastTables(data, model, nanoTime, out, measures));
    }
  }

  private void planning() throws DataFileException {
    List<ChainModel> models =
        PipeDreamProfiles.read(data.resolve("pipedream")).stream()
            .filter(m -> m.blocks().layers().size() - m.ownerBlocks() >= LEAST_FREE_BLOCKS)
            .toList();
    List<TierNetwork> drawn = PlanningComparison.networks(networks, seed);
    Table.title(
        out,
        "Planning: step time over that of the best cut, %d models of PipeDream, %d networks each",
        models.size(),
        drawn.size());
    Table table =
        new Table(
            out,
            22,
            11,
            "Planner",
            List.of("median", "worst", "as good", "prepare ms", "plan ms", "longest ms"));
    PlanningComparison comparison = new PlanningComparison(models, drawn, nanoTime);
    plannerRow(table, comparison.bruteForce());
    List<SplitPlanner> planners = new ArrayList<>(Arrays.asList(ForesplitPlanner.values()));
    planners.add(StaticSplit.bestInHindsight(drawn));
    planners.addAll(Arrays.asList(StaticSplit.values()));
    planners.add(new RandomCut(seed));
    for (SplitPlanner planner : planners) {
      plannerRow(table, comparison.of(planner));
    }
  }

  private void plannerRow(Table table, PlanningComparison.Outcome outcome) {
    measures
        .withObjectProperty("planning")
        .putObject(outcome.planner())
        .put("ratioMedian", outcome.ratioMedian())
        .put("ratioWorst", outcome.ratioWorst())
        .put("best", outcome.best());
    table.row(
        outcome.planner(),
        List.of(
            Table.format("%.3f", outcome.ratioMedian()),
            Table.format("%.3f", outcome.ratioWorst()),
            Table.format("%.0f %%", 100 * outcome.best()),
            Table.format("%.2f", outcome.prepareMillis()),
            Table.format("%.2f", outcome.planMillis()),
            Table.format("%.1f", outcome.planMillisWorst())));
  }
}
