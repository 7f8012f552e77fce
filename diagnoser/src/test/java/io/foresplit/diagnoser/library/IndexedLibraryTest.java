package io.foresplit.diagnoser.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.diagnoser.library.Library.Shelf;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class IndexedLibraryTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final List<Page> pages = new ArrayList<>();
  private final List<String> embedded = new ArrayList<>();
  private final AtomicInteger loads = new AtomicInteger();
  private final CountDownLatch released = new CountDownLatch(1);
  private final List<IndexedLibrary> opened = new ArrayList<>();

  /** Embeds by two words alone: what has them points their way. */
  private final class TwoWords implements TextEmbedder {
    @Override
    public float[] ofPassage(String text) {
      embedded.add(text);
      return vector(text);
    }

    @Override
    public float[] ofQuery(String text) {
      return vector(text);
    }

    private float[] vector(String text) {
      String lower = text.toLowerCase(Locale.ROOT);
      double radio = lower.contains("radio") || lower.contains("antenna") ? 1 : 0.1;
      double heat = lower.contains("heat") || lower.contains("fan") ? 1 : 0.1;
      double length = Math.hypot(radio, heat);
      return new float[] {(float) (radio / length), (float) (heat / length)};
    }

    @Override
    public void close() {
      released.countDown();
    }
  }

  @AfterEach
  void close() {
    opened.forEach(IndexedLibrary::close);
  }

  private IndexedLibrary library(TextEmbedder.Source source, Duration patience) {
    IndexedLibrary library =
        new IndexedLibrary(
            () -> List.copyOf(pages), source, patience, InstantSource.fixed(Instant.EPOCH));
    opened.add(library);
    return library;
  }

  private IndexedLibrary library() {
    return library(
        () -> {
          loads.incrementAndGet();
          return new TwoWords();
        },
        PATIENCE);
  }

  private void page(Shelf shelf, String source, String subject, String text) {
    pages.add(new Page(shelf, source, subject, "Title", text));
  }

  private static List<String> sources(List<Passage> passages) {
    return passages.stream().map(Passage::source).toList();
  }

  @Test
  void theNearestInMeaningComesFirstAndTiesGoBySourceThenPlace() {
    page(Shelf.RUNBOOKS, "runbook:b", "b", "turn the antenna");
    page(Shelf.RUNBOOKS, "runbook:c", "c", "clean the fan");
    page(Shelf.RUNBOOKS, "runbook:a", "a", "mend the antenna");
    page(Shelf.RUNBOOKS, "runbook:a", "a", "paint the antenna");
    List<Passage> passages = library().search("bad radio", 10);
    assertThat(passages)
        .extracting(Passage::text)
        .containsExactly(
            "mend the antenna", "paint the antenna", "turn the antenna", "clean the fan");
    assertThat(passages.get(0).score()).isBetween(0.8, 0.9);
    assertThat(passages.get(3).score()).isBetween(0.1, 0.3);
    assertThat(library().search("bad radio", 10)).isEqualTo(passages);
    assertThat(library().search("bad radio", 1)).isEqualTo(passages.subList(0, 1));
  }

  @Test
  void firstLinesSayWhatAWholeIsAboutAndSharedWordsCountALittle() {
    page(Shelf.RUNBOOKS, "runbook:a", "a", "heat");
    page(Shelf.RUNBOOKS, "runbook:a", "a", "not to be taken for a broken antenna");
    page(Shelf.RUNBOOKS, "runbook:b", "b", "radio");
    page(Shelf.RUNBOOKS, "runbook:b", "b", "harbour");
    page(Shelf.RUNBOOKS, "runbook:c", "c", "antenna of the harbour");
    assertThat(library().search("antenna", 10))
        .extracting(Passage::text)
        .containsExactly(
            "antenna of the harbour",
            "radio",
            "harbour",
            "not to be taken for a broken antenna",
            "heat");
  }

  @Test
  void pagesAboutACauseThatIsNamedComeFirst() {
    page(Shelf.RUNBOOKS, "runbook:radio", "radio", "antenna");
    page(Shelf.INCIDENTS, "incident:1", "node-slowdown", "radio");
    page(Shelf.RUNBOOKS, "runbook:node-slowdown", "node-slowdown", "clean the fan");
    page(Shelf.RUNBOOKS, "runbook:node-slowdown", "node-slowdown", "look at the antenna");
    assertThat(library().search("Node slowdown, or bad antenna?", 10))
        .extracting(Passage::text)
        .containsExactly("look at the antenna", "clean the fan", "radio", "antenna");
    assertThat(sources(library().search("bad antenna on node_slowdown.", 1)))
        .containsExactly("runbook:node-slowdown");
    // a part of a longer word names nothing
    assertThat(sources(library().search("antenna, super-node-slowdowns", 1)))
        .doesNotContain("runbook:node-slowdown");
  }

  @Test
  void shelvesAreSearchedAsAsked() {
    page(Shelf.RUNBOOKS, "runbook:a", "a", "antenna");
    page(Shelf.INCIDENTS, "incident:1", "a", "antenna");
    assertThat(sources(library().search(EnumSet.of(Shelf.INCIDENTS), "radio", 5)))
        .containsExactly("incident:1");
    assertThat(library().search(EnumSet.noneOf(Shelf.class), "radio", 5)).isEmpty();
  }

  @Test
  void nothingIsLoadedBeforeItIsAskedForAndNoPageIsEmbeddedTwice() {
    page(Shelf.RUNBOOKS, "runbook:a", "a", "antenna");
    IndexedLibrary library = library();
    assertThat(library.search("  ", 5)).isEmpty();
    assertThat(loads).hasValue(0);
    library.search("radio", 5);
    page(Shelf.INCIDENTS, "incident:1", "", "heat");
    assertThat(sources(library.search("fan", 5))).containsExactly("incident:1", "runbook:a");
    library.search("radio", 5);
    assertThat(loads).hasValue(1);
    assertThat(embedded).containsExactly("Title\nantenna", "Title\nheat");
  }

  @Test
  void whatIsGoneIsForgotten() {
    page(Shelf.INCIDENTS, "incident:1", "", "antenna");
    IndexedLibrary library = library();
    library.search("radio", 5);
    pages.clear();
    assertThat(library.search("radio", 5)).isEmpty();
    page(Shelf.INCIDENTS, "incident:1", "", "antenna");
    library.search("radio", 5);
    assertThat(embedded).hasSize(2);
  }

  @Test
  void warmingLoadsEverythingAheadOfAQuestion() {
    page(Shelf.RUNBOOKS, "runbook:a", "a", "antenna");
    IndexedLibrary library = library();
    library.warm();
    library.search("radio", 5);
    assertThat(loads).hasValue(1);
    assertThat(embedded).hasSize(1);
  }

  @Test
  void withoutEmbeddingsSharedWordsDecideAndLoadingIsTriedOnce() {
    page(Shelf.RUNBOOKS, "runbook:a", "a", "antenna mast");
    page(Shelf.RUNBOOKS, "runbook:b", "b", "clean the fan");
    page(Shelf.RUNBOOKS, "runbook:c", "c", "no word in common");
    IndexedLibrary library =
        library(
            () -> {
              loads.incrementAndGet();
              throw new EmbedderUnavailableException("glibc is too old");
            },
            PATIENCE);
    assertThat(sources(library.search("is the fan clean?", 5))).containsExactly("runbook:b");
    assertThat(sources(library.search("mast, or the cause c", 5)))
        .containsExactly("runbook:c", "runbook:a");
    assertThat(library.isWithoutEmbeddings()).isTrue();
    assertThat(loads).hasValue(1);
  }

  @Test
  void aQuestionDoesNotWaitForALoadThatStalls() throws Exception {
    page(Shelf.RUNBOOKS, "runbook:a", "a", "antenna");
    CountDownLatch stalled = new CountDownLatch(1);
    IndexedLibrary library =
        library(
            () -> {
              try {
                stalled.await();
              } catch (InterruptedException e) {
                throw new EmbedderUnavailableException("interrupted", e);
              }
              return new TwoWords();
            },
            Duration.ofMillis(20));
    assertThat(library.search("radio", 5)).isEmpty();
    assertThat(sources(library.search("antenna", 5))).containsExactly("runbook:a");
    stalled.countDown();
    library.close();
    released.await();
  }

  @Test
  void anEmbedderThatFailsLeavesWords() {
    page(Shelf.RUNBOOKS, "runbook:a", "a", "antenna");
    IndexedLibrary library =
        library(
            () ->
                new TextEmbedder() {
                  @Override
                  public float[] ofPassage(String text) {
                    throw new IllegalStateException("out of order");
                  }

                  @Override
                  public float[] ofQuery(String text) {
                    return new float[] {1};
                  }

                  @Override
                  public void close() {
                    // holds nothing
                  }
                },
            PATIENCE);
    assertThat(sources(library.search("antenna", 5))).containsExactly("runbook:a");
  }

  @Test
  void closingReleasesTheEmbedderAndLeavesWords() throws Exception {
    page(Shelf.RUNBOOKS, "runbook:a", "a", "antenna");
    IndexedLibrary library = library();
    library.search("radio", 5);
    library.close();
    released.await();
    library.close();
    library.warm();
    assertThat(sources(library.search("antenna", 5))).containsExactly("runbook:a");
  }

  @Test
  void aWrongNumberIsSaid() {
    assertThatThrownBy(() -> library().search("radio", 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("most must be 1 or more, was 0");
  }
}
