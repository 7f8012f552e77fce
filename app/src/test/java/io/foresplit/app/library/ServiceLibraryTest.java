package io.foresplit.app.library;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.app.kafka.EmbeddedKafka;
import io.foresplit.app.kafka.TopicWriter;
import io.foresplit.app.kafka.ViewFeed;
import io.foresplit.app.view.SyntheticRun;
import io.foresplit.diagnoser.library.EmbedderUnavailableException;
import io.foresplit.diagnoser.library.Library.Shelf;
import io.foresplit.diagnoser.library.Passage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ServiceLibraryTest {
  private static ServiceLibrary library(Path... folders) {
    return new ServiceLibrary(
        List.of(folders),
        () -> {
          throw new EmbedderUnavailableException("not in this test");
        },
        true);
  }

  private static List<Passage> incidents(ServiceLibrary library) {
    return library.search(EnumSet.of(Shelf.INCIDENTS), "uplink-fade of fashion-mnist", 5);
  }

  private static void read(EmbeddedKafka kafka, ServiceLibrary library) throws Exception {
    try (ViewFeed feed =
        ViewFeed.start(
            kafka.bootstrapServers(),
            Duration.ofMinutes(10),
            InstantSource.system(),
            List.of(library))) {
      assertThat(feed.awaitCaughtUp(Duration.ofSeconds(60))).isTrue();
    }
  }

  @Test
  void anIncidentIsPastOnceItIsResolved() {
    SyntheticRun run = new SyntheticRun(1_000);
    try (ServiceLibrary library = library()) {
      for (int step = 0; step < SyntheticRun.RESOLVED; step++) {
        run.interval(step, library);
      }
      assertThat(incidents(library)).isEmpty();
      run.interval(SyntheticRun.RESOLVED, library);
      assertThat(incidents(library))
          .singleElement()
          .extracting(Passage::title)
          .isEqualTo("Incident incident-1: uplink-fade at device->edge, helped");
    }
  }

  @Test
  void pastIncidentsAreRebuiltFromKafkaAtEachStart(@TempDir Path folder) throws Exception {
    SyntheticRun run = new SyntheticRun(1_000);
    try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0);
        TopicWriter writer = new TopicWriter(kafka);
        ServiceLibrary first = library();
        ServiceLibrary second = library()) {
      for (int step = 0; step < SyntheticRun.RESOLVED; step++) {
        run.interval(step, writer);
      }
      writer.flush();
      read(kafka, first);
      assertThat(incidents(first)).isEmpty();

      run.interval(SyntheticRun.RESOLVED, writer);
      writer.flush();
      // from the beginning again, so all but the last is read twice
      read(kafka, first);
      assertThat(incidents(first))
          .singleElement()
          .satisfies(
              passage -> {
                assertThat(passage.source()).isEqualTo("incident:fashion-mnist/incident-1");
                assertThat(passage.title())
                    .isEqualTo("Incident incident-1: uplink-fade at device->edge, helped");
                assertThat(passage.text()).contains("At risk: step-time").endsWith("lasted 14 s.");
              });

      read(kafka, second);
      assertThat(incidents(second)).isEqualTo(incidents(first));
    }
  }

  @Test
  void usersRunbooksAreFoundBesideTheProgramsOwn(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("mast.md"), "# Mast\nTurn the antenna towards the harbour.");
    Files.writeString(folder.resolve("broken.md"), "no heading");
    try (ServiceLibrary library = library(folder)) {
      assertThat(library.search("antenna harbour", 1))
          .extracting(Passage::title)
          .containsExactly("Mast");
      assertThat(library.search("node-loss", 1))
          .extracting(Passage::source)
          .containsExactly("runbook:node-loss");
    }
  }
}
