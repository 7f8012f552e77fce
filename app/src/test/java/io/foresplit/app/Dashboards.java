package io.foresplit.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The Grafana dashboards of {@code deploy}. */
public final class Dashboards {
  private static final Path FOLDER = Path.of("..", "deploy", "grafana", "dashboards");

  private Dashboards() {}

  /** Every PromQL query of every panel and annotation. */
  public static Set<String> queries() throws IOException {
    List<Path> dashboards;
    try (Stream<Path> files = Files.list(FOLDER)) {
      dashboards = files.filter(file -> file.toString().endsWith(".json")).toList();
    }
    Set<String> queries = new TreeSet<>();
    for (Path file : dashboards) {
      JsonNode dashboard = new ObjectMapper().readTree(file.toFile());
      dashboard.findValues("expr").forEach(e -> queries.add(e.asText()));
    }
    return queries;
  }
}
