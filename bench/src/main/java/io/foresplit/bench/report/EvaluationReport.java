package io.foresplit.bench.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.foresplit.bench.measure.Judged;
import io.foresplit.bench.measure.Run;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;

/**
 * Writes what an evaluation found: {@code report.json} for programs, {@code index.html} for people,
 * {@code runs.jsonl} for who wants other measures, and {@code timing.json}, the only one with
 * wall-clock figures. The same runs, in any order, give the same bytes.
 */
public final class EvaluationReport {
  private EvaluationReport() {}

  /**
   * What was evaluated, and where.
   *
   * @param suite its name
   * @param runtime {@code simulated} or {@code real}: whose runs the main tables are of
   * @param version of this product
   * @param traits for {@code tuning} and {@code scoring}, what further sets them apart, such as
   *     {@code models}, {@code ramps} and {@code noise}; topologies, kinds and courses are taken
   *     from the runs
   */
  public record About(
      String suite,
      String runtime,
      String version,
      Machine machine,
      SortedMap<String, SortedMap<String, List<String>>> traits) {}

  /**
   * Type of machine and of Java; figures are the same, byte for byte, on the same type.
   *
   * @param java vendor and version
   */
  public record Machine(String os, String arch, String java) {}

  /**
   * Writes the four files, over what there was.
   *
   * @param timing wall-clock figures by name, with the unit in the name
   * @throws IllegalArgumentException when there is no run, one is there twice, or has an unknown
   *     use
   */
  public static void write(
      Path folder, About about, List<Run> runs, SortedMap<String, Double> timing)
      throws IOException {
    Evaluation evaluation = Evaluation.of(about.runtime(), runs);
    ObjectMapper mapper = Figures.mapper(Figures.DIGITS);
    ObjectWriter pretty = mapper.writerWithDefaultPrettyPrinter();
    SortedMap<String, Object> report = ReportJson.of(about, evaluation);
    String page = Page.of(mapper.writeValueAsString(PageData.of(report, evaluation)));
    ObjectMapper lines = Figures.mapper(Figures.RUN_DIGITS);
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("report.json"), pretty.writeValueAsString(report) + "\n");
    Files.writeString(folder.resolve("timing.json"), pretty.writeValueAsString(timing) + "\n");
    try (Writer file = Files.newBufferedWriter(folder.resolve("runs.jsonl"))) {
      for (Judged judged : evaluation.runs()) {
        file.write(lines.writeValueAsString(judged.run()) + "\n");
      }
    }
    Files.writeString(folder.resolve("index.html"), page);
  }
}
