package io.foresplit.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.foresplit.app.config.AppConfig;
import io.foresplit.app.metrics.ServiceMetrics;
import io.foresplit.app.view.SyntheticRun;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** What can be checked of {@code deploy} without a container engine. */
class DeployTest {
  private static final Path DEPLOY = Path.of("..", "deploy");
  private static final Pattern METRIC = Pattern.compile("\\b(foresplit|jvm|process)_[a-z0-9_]+");

  private final ObjectMapper yaml =
      new ObjectMapper(
          YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());
  private final ObjectMapper json =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static Set<Path> files(String... endings) throws IOException {
    try (Stream<Path> files = Files.walk(DEPLOY)) {
      return files
          .filter(f -> Stream.of(endings).anyMatch(e -> f.toString().endsWith(e)))
          .collect(Collectors.toSet());
    }
  }

  @Test
  void everyYamlAndJsonFileParses() throws IOException {
    Set<Path> yamlFiles = files(".yaml", ".yml");
    Set<Path> jsonFiles = files(".json");
    assertThat(yamlFiles).hasSizeGreaterThanOrEqualTo(4);
    assertThat(jsonFiles).isNotEmpty();
    for (Path file : yamlFiles) {
      assertThat(yaml.readTree(file.toFile()).isObject()).as(file.toString()).isTrue();
    }
    for (Path file : jsonFiles) {
      assertThat(json.readTree(file.toFile()).isObject()).as(file.toString()).isTrue();
    }
  }

  @Test
  void composeMountsWhatExistsAndSetsKnownKeys() throws Exception {
    JsonNode compose = yaml.readTree(DEPLOY.resolve("compose.yaml").toFile());
    Map<String, String> environment = new HashMap<>();
    compose
        .at("/services/foresplit/environment")
        .properties()
        .forEach(e -> environment.put(e.getKey(), e.getValue().asText()));
    AppConfig config = AppConfig.fromEnvironment(environment);
    assertThat(config.kafka().embedded()).isFalse();
    assertThat(config.http().allowedHosts()).contains("foresplit");

    StreamSupport.stream(compose.at("/services").spliterator(), false)
        .flatMap(service -> StreamSupport.stream(service.path("volumes").spliterator(), false))
        .map(JsonNode::asText)
        .filter(volume -> volume.startsWith("./"))
        .map(volume -> DEPLOY.resolve(volume.substring(2, volume.indexOf(':'))))
        .forEach(path -> assertThat(path).exists());
    assertThat(DEPLOY.resolve("Dockerfile")).exists();
  }

  @Test
  void theDashboardNamesOnlyMetricsThatAreThere() throws IOException {
    Set<String> queries = Dashboards.queries();
    assertThat(queries).hasSizeGreaterThanOrEqualTo(20);
    Set<String> exposed = exposedSeries();
    Set<String> used = new TreeSet<>();
    for (String query : queries) {
      Matcher matcher = METRIC.matcher(query);
      assertThat(matcher.find()).as("no known metric in: " + query).isTrue();
      do {
        used.add(matcher.group());
      } while (matcher.find());
    }

    assertThat(exposed).containsAll(used);
    assertThat(used).filteredOn(name -> name.startsWith("foresplit_")).hasSizeGreaterThan(14);
  }

  private static Set<String> exposedSeries() {
    PrometheusRegistry registry = new PrometheusRegistry();
    ServiceMetrics metrics = new ServiceMetrics(registry);
    metrics.caughtUp();
    SyntheticRun run = new SyntheticRun(0);
    for (int step = 0; step <= SyntheticRun.RESOLVED; step++) {
      run.interval(step, metrics);
    }
    Set<String> names = new TreeSet<>();
    for (MetricSnapshot snapshot : registry.scrape()) {
      String name = snapshot.getMetadata().getPrometheusName();
      Stream.of("", "_total", "_bucket", "_sum", "_count").forEach(end -> names.add(name + end));
    }
    return names;
  }
}
