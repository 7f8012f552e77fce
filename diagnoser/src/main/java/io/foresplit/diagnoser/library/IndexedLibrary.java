package io.foresplit.diagnoser.library;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds pages by embeddings, which one thread of its own loads and computes when they are first
 * asked for. Where there can be none, or while they are not ready within a query's patience, words
 * that query and page share decide. Thread-safe.
 */
public final class IndexedLibrary implements Library, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(IndexedLibrary.class);
  private static final int LONGEST_QUERY = 2_000;
  private static final int WAITING = 64;
  private static final double SCALE = 1e4;

  /** The first passage of a source says what it is about; the others also tell of look-alikes. */
  private static final double WEIGHT_OF_LEAD = 0.5;

  /** Names and rare terms, of which embeddings know little. */
  private static final double WEIGHT_OF_WORDS = 1 / 6.0;

  private static final Duration CLOSING = Duration.ofSeconds(5);

  private final Supplier<List<Page>> pages;
  private final TextEmbedder.Source source;
  private final Duration patience;
  private final InstantSource clock;
  private final ThreadPoolExecutor worker;
  private volatile boolean closed;
  private volatile boolean wordsOnly;

  /** Of the worker alone. */
  private @Nullable TextEmbedder embedder;

  /** By meaning; of the worker alone. */
  private final Map<String, float[]> vectors = new HashMap<>();

  /**
   * A library of what {@code pages} says at each search; nothing is loaded yet.
   *
   * @param pages called on any thread
   * @param patience how long a search waits for embeddings
   * @param clock to measure how long loading takes
   */
  public IndexedLibrary(
      Supplier<List<Page>> pages,
      TextEmbedder.Source source,
      Duration patience,
      InstantSource clock) {
    this.pages = pages;
    this.source = source;
    this.patience = patience;
    this.clock = clock;
    this.worker =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            task -> {
              Thread thread = new Thread(task, "library");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Has everything loaded and computed before it is asked for; returns at once. */
  public void warm() {
    try {
      worker.execute(
          () -> {
            TextEmbedder ready = loaded();
            if (ready != null) {
              embed(ready, pages.get());
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.debug("the library is closed or busy, it is not warmed up");
    }
  }

  /** Whether words alone decide, for good. */
  public boolean isWithoutEmbeddings() {
    return wordsOnly;
  }

  @Override
  public List<Passage> search(Set<Shelf> shelves, String query, int most) {
    if (most < 1) {
      throw new IllegalArgumentException("most must be 1 or more, was " + most);
    }
    String asked = query.length() <= LONGEST_QUERY ? query : query.substring(0, LONGEST_QUERY);
    if (asked.isBlank()) {
      return List.of();
    }
    List<Page> all = pages.get();
    List<Page> found = all.stream().filter(page -> shelves.contains(page.shelf())).toList();
    double[] scores = scores(asked, found, all);
    List<Integer> ranks = found.stream().map(page -> rank(page, asked)).toList();
    return IntStream.range(0, found.size())
        .filter(i -> scores[i] > 0 || ranks.get(i) > 0)
        .boxed()
        .sorted(
            Comparator.<Integer>comparingInt(ranks::get)
                .thenComparingDouble(i -> scores[i])
                .reversed()
                .thenComparing(i -> found.get(i).source())
                .thenComparing(i -> i))
        .limit(most)
        .map(i -> found.get(i).scored(scores[i]))
        .toList();
  }

  /** Pages about a cause that is named go before all others, runbooks before incidents. */
  private static int rank(Page page, String query) {
    if (!isNamed(page.subject(), query)) {
      return 0;
    }
    return switch (page.shelf()) {
      case RUNBOOKS -> 2;
      case INCIDENTS -> 1;
    };
  }

  /** {@code uplink-fade} is named by itself, and by "Uplink fade". */
  private static boolean isNamed(String subject, String query) {
    String words = "-" + query.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", "-") + "-";
    return !subject.isEmpty() && words.contains("-" + subject + "-");
  }

  /** In [0, 1], rounded, so that what is equal but for rounding is equal. */
  private double[] scores(String query, List<Page> found, List<Page> all) {
    double[] similar = similarities(query, found, all);
    double[] scores = WordOverlap.scores(query, found.stream().map(Page::words).toList());
    for (int i = 0; i < scores.length; i++) {
      double score =
          similar.length == 0
              ? scores[i]
              : (1 - WEIGHT_OF_WORDS) * similar[i] + WEIGHT_OF_WORDS * scores[i];
      scores[i] = Math.round(Math.max(0, Math.min(1, score)) * SCALE) / SCALE;
    }
    return scores;
  }

  /** Empty when there are no embeddings, for good or in time. */
  private double[] similarities(String query, List<Page> found, List<Page> all) {
    if (wordsOnly || closed) {
      return new double[0];
    }
    try {
      Future<double[]> answer = worker.submit(() -> compare(query, found, all));
      try {
        return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      } finally {
        answer.cancel(false);
      }
    } catch (TimeoutException | RejectedExecutionException e) {
      LOG.info("embeddings are not ready, a search goes by words alone");
    } catch (ExecutionException e) {
      LOG.warn("embeddings failed, a search goes by words alone: {}", String.valueOf(e.getCause()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new double[0];
  }

  private double[] compare(String query, List<Page> found, List<Page> all) {
    TextEmbedder ready = loaded();
    if (ready == null) {
      return new double[0];
    }
    float[] asked = ready.ofQuery(query);
    embed(ready, found);
    Set<String> known = new HashSet<>();
    all.forEach(page -> known.add(page.meaning()));
    vectors.keySet().retainAll(known);
    Map<String, Double> leads = new HashMap<>();
    found.forEach(
        page -> leads.computeIfAbsent(page.source(), s -> product(asked, page.meaning())));
    return found.stream()
        .mapToDouble(
            page ->
                (1 - WEIGHT_OF_LEAD) * product(asked, page.meaning())
                    + WEIGHT_OF_LEAD * leads.getOrDefault(page.source(), 0.0))
        .toArray();
  }

  /** 0 for what could not be embedded because the library closes. */
  private double product(float[] asked, String meaning) {
    float[] vector = vectors.get(meaning);
    double sum = 0;
    for (int i = 0; vector != null && i < asked.length; i++) {
      sum += asked[i] * vector[i];
    }
    return sum;
  }

  private void embed(TextEmbedder ready, List<Page> some) {
    Instant start = clock.instant();
    List<String> missing = new ArrayList<>();
    some.stream()
        .map(Page::meaning)
        .distinct()
        .filter(meaning -> !vectors.containsKey(meaning))
        .forEach(missing::add);
    for (String meaning : missing) {
      if (closed) {
        return;
      }
      vectors.put(meaning, ready.ofPassage(meaning));
    }
    if (missing.size() > 1) {
      LOG.debug("{} passages embedded in {} ms", missing.size(), millisSince(start));
    }
  }

  private @Nullable TextEmbedder loaded() {
    if (embedder == null && !wordsOnly && !closed) {
      Instant start = clock.instant();
      try {
        embedder = source.load();
        LOG.debug("embeddings loaded in {} ms", millisSince(start));
      } catch (EmbedderUnavailableException e) {
        wordsOnly = true;
        LOG.warn("runbooks and incidents are searched by words alone: {}", e.getMessage());
      }
    }
    return embedder;
  }

  private long millisSince(Instant start) {
    return Duration.between(start, clock.instant()).toMillis();
  }

  @Override
  public void close() {
    closed = true;
    worker.getQueue().clear();
    try {
      worker.execute(this::release);
      worker.shutdown();
      if (!worker.awaitTermination(CLOSING.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("the library is still busy and is left behind");
      }
    } catch (RejectedExecutionException e) {
      LOG.debug("the library was closed before");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void release() {
    if (embedder != null) {
      embedder.close();
      embedder = null;
    }
  }
}
