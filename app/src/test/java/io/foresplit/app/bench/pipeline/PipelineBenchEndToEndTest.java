package io.foresplit.app.bench.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(90)
class PipelineBenchEndToEndTest {
  private static final double SECONDS = 2;
  private static final Duration INTERVAL = Duration.ofMillis(500);

  @Test
  void aSmallFleetLosesNothingAndFillsTheTable(@TempDir Path folder) throws Exception {
    List<String> progress = new ArrayList<>();
    PipelineReport report =
        new PipelineBench(
                folder,
                SECONDS,
                INTERVAL,
                30,
                InstantSource.system(),
                System::nanoTime,
                progress::add)
            .run(List.of(10));

    PipelineReport.Size size = report.sizes().get(0);
    assertThat(size.problem()).isNull();
    assertThat(size.jobs()).isEqualTo(2);
    assertThat(size.product().reports()).isLessThanOrEqualTo(40).isPositive();
    assertThat(size.product().lost()).isZero();
    assertThat(size.product().rejected()).isZero();
    assertThat(size.product().latency().count()).isEqualTo(size.product().reports() / Fleet.NODES);
    assertThat(size.product().judged().count()).isPositive();
    assertThat(size.passThrough().lost()).isZero();
    assertThat(size.productPeak().metricsPerSecond()).isPositive();
    assertThat(size.ratios().medianLatency()).isPositive();
    assertThat(size.bytesPerSegment()).isPositive();
    assertThat(progress).containsExactly("10 segments");

    List<String> rows =
        PipelineTable.of(report).stream().filter(line -> line.startsWith("| 10 |")).toList();
    assertThat(rows).hasSize(2).noneMatch(row -> row.contains("–"));
    JsonNode json = new ObjectMapper().valueToTree(report);
    assertThat(json.at("/sizes/0/product/lost").asInt(-1)).isZero();
  }
}
