package io.foresplit.app.library;

import io.foresplit.app.view.RecordSink;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JournalEntry;
import io.foresplit.diagnoser.library.IndexedLibrary;
import io.foresplit.diagnoser.library.Library;
import io.foresplit.diagnoser.library.Page;
import io.foresplit.diagnoser.library.Passage;
import io.foresplit.diagnoser.library.PastIncidents;
import io.foresplit.diagnoser.library.Runbooks;
import io.foresplit.diagnoser.library.TextEmbedder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The library of a running service: runbooks as they were at the start, and past incidents as the
 * topics tell them, from their beginning on. Embeddings are loaded when they are first asked for.
 */
public final class ServiceLibrary implements RecordSink, Library, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceLibrary.class);

  /** How long an answer may wait for embeddings that are just being made. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final List<Page> runbooks;
  private final PastIncidents past = new PastIncidents();
  private final IndexedLibrary library;
  private final boolean early;

  /**
   * A library of what comes with the program, of folders, and of what the topics will say.
   *
   * @param folders with runbooks of users; what cannot be read is logged, one line each
   * @param early whether somebody is sure to ask, so that embeddings are made as soon as history
   *     has been read
   */
  public ServiceLibrary(List<Path> folders, TextEmbedder.Source embeddings, boolean early) {
    this.early = early;
    this.runbooks = Runbooks.bundled().with(folders, LOG::warn).pages();
    this.library =
        new IndexedLibrary(
            () -> Stream.concat(runbooks.stream(), past.pages().stream()).toList(),
            embeddings,
            PATIENCE,
            InstantSource.system());
  }

  @Override
  public List<Passage> search(Set<Shelf> shelves, String query, int most) {
    return library.search(shelves, query, most);
  }

  /** Jobs, and the nodes and links of them, that past incidents name. */
  public Map<JobId, Set<ComponentId>> names() {
    return past.names();
  }

  @Override
  public void on(Incident incident) {
    past.on(incident);
  }

  @Override
  public void on(Diagnosis diagnosis) {
    past.on(diagnosis);
  }

  @Override
  public void on(ActionOutcome outcome) {
    past.on(outcome);
  }

  @Override
  public void on(JobRecord record) {
    // metrics are no story
  }

  @Override
  public void on(Forecast forecast) {
    // likewise
  }

  @Override
  public void on(JournalEntry entry) {
    // the outcome tells how it ended
  }

  @Override
  public void caughtUp() {
    if (early) {
      library.warm();
    }
  }

  @Override
  public void close() {
    library.close();
  }
}
