package io.foresplit.app.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.app.view.IncidentView;
import io.foresplit.app.view.LiveView;
import io.foresplit.app.view.SyntheticRun;
import io.foresplit.app.view.ViewEvent;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Metric;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ViewFeedTest {
  @Test
  void tellsTheHistoryAndThenWhatHappens(@TempDir Path folder) throws Exception {
    SyntheticRun run = new SyntheticRun(1_000);
    LiveView view = new LiveView();
    try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0);
        TopicWriter writer = new TopicWriter(kafka)) {
      writer.write(Topics.INCIDENTS, new byte[] {1, 2, 3});
      for (int step = 0; step < SyntheticRun.RESOLVED; step++) {
        run.interval(step, writer);
      }
      writer.flush();
      try (ViewFeed feed =
          ViewFeed.start(
              kafka.bootstrapServers(),
              Duration.ofMinutes(10),
              InstantSource.system(),
              List.of(view))) {
        assertThat(feed.awaitCaughtUp(Duration.ofSeconds(60))).isTrue();
        assertThat(view.state(Optional.empty()).orElseThrow().epoch()).isEqualTo(1);
        assertThat(
                view.series(
                        Optional.empty(),
                        new SeriesKey(ComponentId.JOB, Metric.STEP_SECONDS),
                        2_000)
                    .orElseThrow()
                    .values())
            .hasSize(SyntheticRun.RESOLVED);

        LinkedBlockingQueue<IncidentView> told = new LinkedBlockingQueue<>();
        view.subscribe(event -> collect(event, told));
        run.interval(SyntheticRun.RESOLVED, writer);
        IncidentView resolved = told.poll(30, TimeUnit.SECONDS);
        assertThat(resolved).isNotNull();
        assertThat(resolved.phase()).isEqualTo("RESOLVED");
        assertThat(resolved.actions())
            .singleElement()
            .satisfies(action -> assertThat(action.result()).isEqualTo("HELPED"));
        assertThat(resolved.diagnoses()).hasSize(1);
      }
    }
  }

  private static void collect(ViewEvent event, LinkedBlockingQueue<IncidentView> told) {
    if (event.body() instanceof IncidentView incident) {
      told.add(incident);
    }
  }
}
