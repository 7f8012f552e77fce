package io.foresplit.diagnoser.library;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Similarity by shared words, weighted by how rare they are and how often they occur: BM25
 * (Robertson and Walker, 1994), over the most that the query's words could reach. For machines
 * without embeddings. Pure.
 */
final class WordOverlap {
  private static final double SATURATION = 1.2;
  private static final double LENGTH_WEIGHT = 0.75;
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]{2,}");

  /** Too common to say anything, also in a few pages. */
  private static final Set<String> COMMON =
      Set.of(
          "the", "and", "of", "to", "in", "is", "it", "its", "on", "at", "by", "for", "are", "was",
          "that", "this", "with", "as", "be", "or", "an", "has", "have", "but", "not", "we", "our",
          "from", "than", "then", "when", "what", "which", "there", "they", "while", "does");

  private WordOverlap() {}

  /** In the order of the texts, each in [0, 1]. */
  static double[] scores(String query, List<String> texts) {
    List<Map<String, Integer>> counts = texts.stream().map(WordOverlap::count).toList();
    double meanLength = counts.stream().mapToInt(WordOverlap::length).average().orElse(1);
    // sorted, for sums of doubles depend on the order
    Map<String, Double> weights = new TreeMap<>();
    for (String word : count(query).keySet()) {
      long with = counts.stream().filter(c -> c.containsKey(word)).count();
      weights.put(word, Math.log(1 + (texts.size() - with + 0.5) / (with + 0.5)));
    }
    double most = (SATURATION + 1) * weights.values().stream().mapToDouble(w -> w).sum();
    double[] scores = new double[texts.size()];
    for (int i = 0; i < scores.length && most > 0; i++) {
      scores[i] = score(weights, counts.get(i), meanLength) / most;
    }
    return scores;
  }

  private static double score(
      Map<String, Double> weights, Map<String, Integer> counts, double meanLength) {
    double relative = length(counts) / Math.max(1, meanLength);
    double damping = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * relative);
    return weights.entrySet().stream()
        .mapToDouble(
            word -> {
              int times = counts.getOrDefault(word.getKey(), 0);
              return word.getValue() * times * (SATURATION + 1) / (times + damping);
            })
        .sum();
  }

  private static int length(Map<String, Integer> counts) {
    return counts.values().stream().mapToInt(n -> n).sum();
  }

  private static Map<String, Integer> count(String text) {
    Map<String, Integer> counts = new HashMap<>();
    Matcher matcher = WORD.matcher(text.toLowerCase(Locale.ROOT));
    while (matcher.find()) {
      if (!COMMON.contains(matcher.group())) {
        counts.merge(stem(matcher.group()), 1, Integer::sum);
      }
    }
    return counts;
  }

  /** Plurals and verb forms of a word become one, roughly. */
  private static String stem(String word) {
    for (String end : List.of("ing", "ed", "es", "s")) {
      if (word.length() > end.length() + 3 && word.endsWith(end)) {
        return word.substring(0, word.length() - end.length());
      }
    }
    return word;
  }
}
