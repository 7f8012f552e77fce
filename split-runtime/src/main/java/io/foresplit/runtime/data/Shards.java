package io.foresplit.runtime.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Which samples of a data set each client has; no sample has two clients. */
public final class Shards {
  private Shards() {}

  /** All samples, in their order. */
  public static int[] whole(Dataset data) {
    return IntStream.range(0, data.size()).toArray();
  }

  /** A seeded shuffle in equal parts: independent and identically distributed. */
  public static List<int[]> iid(Dataset data, int clients, long seed) {
    int[] order = whole(data);
    SplittableRandom random = new SplittableRandom(seed * 1_000_033 + clients);
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int sample = order[i];
      order[i] = order[j];
      order[j] = sample;
    }
    return parts(order, clients);
  }

  /**
   * Sorted by label, then in equal parts: each client sees few classes, the pathological division
   * of McMahan et al. (AISTATS 2017, section 3) with one part a client.
   *
   * @throws IllegalArgumentException when a sample has several labels
   */
  public static List<int[]> byLabel(Dataset data, int clients) {
    int[] all = whole(data);
    int[] labels = data.labels(all);
    if (labels.length != all.length) {
      throw new IllegalArgumentException(
          "shards by label need one label a sample, was "
              + labels.length
              + " labels of "
              + all.length
              + " samples: use shards iid");
    }
    int[] sorted =
        IntStream.of(all)
            .boxed()
            .sorted(Comparator.comparingInt(sample -> labels[sample]))
            .mapToInt(Integer::intValue)
            .toArray();
    return parts(sorted, clients);
  }

  private static List<int[]> parts(int[] order, int clients) {
    List<int[]> parts = new ArrayList<>();
    for (int k = 0; k < clients; k++) {
      int from = (int) ((long) order.length * k / clients);
      int to = (int) ((long) order.length * (k + 1) / clients);
      parts.add(Arrays.copyOfRange(order, from, to));
    }
    return parts;
  }
}
