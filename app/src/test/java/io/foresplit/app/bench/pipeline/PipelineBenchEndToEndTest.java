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

/** How fast anything is depends on the machine, so that only what came out is asserted. */
@Timeout(240) // against hanging
class PipelineBenchEndToEndTest {
  private static final double SECONDS = 2;
  private static final Duration INTERVAL = Duration.ofMillis(500);
  private static final double PATIENCE_SECONDS = 60;

  @Test
  void aSmallFleetLosesNothingAndFillsTheTable(@TempDir Path folder) throws Exception {
    List<String> progress = new ArrayList<>();
    PipelineReport report =
        new PipelineBench(
                folder,
                SECONDS,
                INTERVAL,
                PATIENCE_SECONDS,
                30,
                InstantSource.system(),
                System::nanoTime,
                progress::add)
            .run(List.of(10));

    assertThat(progress).startsWith("10 segments");
    PipelineReport.Size size = report.sizes().get(0);
    assertThat(size.problem()).isNull();
    assertThat(size.jobs()).isEqualTo(2);
    everythingCameOut(size.product());
    everythingCameOut(size.passThrough());
    assertThat(size.product().judged().count()).isEqualTo(size.product().latency().count());
    assertThat(size.product().judged().medianMillis())
        .isGreaterThanOrEqualTo(size.product().latency().medianMillis() / 2);
    assertThat(size.productPeak().offeredReportsPerSecond()).isPositive();
    assertThat(size.passThroughPeak().offeredReportsPerSecond()).isPositive();
    assertThat(size.bytesPerSegment()).isPositive();

    List<String> rows =
        PipelineTable.of(report).stream().filter(line -> line.startsWith("| 10 |")).toList();
    assertThat(rows).hasSize(2);
    JsonNode json = new ObjectMapper().valueToTree(report);
    assertThat(json.at("/sizes/0/product/lost").asInt(-1)).isZero();
  }

  private static void everythingCameOut(PipelineReport.Flow flow) {
    assertThat(flow.reports()).isPositive();
    assertThat(flow.lost()).isZero();
    assertThat(flow.rejected()).isZero();
    assertThat(flow.latency().count()).isEqualTo(flow.reports() / Fleet.NODES);
    assertThat(flow.latency().medianMillis()).isPositive();
    assertThat(flow.latency().p99Millis()).isGreaterThanOrEqualTo(flow.latency().medianMillis());
  }
}
