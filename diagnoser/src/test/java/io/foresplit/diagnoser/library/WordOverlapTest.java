package io.foresplit.diagnoser.library;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class WordOverlapTest {
  private static final List<String> TEXTS =
      List.of(
          "The radio link is slow, the link fades.",
          "The node is slow: its processor throttles.",
          "Nothing of the kind, but a long text about the link and many other things of no use.");

  @Test
  void rareSharedWordsCount() {
    double[] scores = WordOverlap.scores("is the processor throttling?", TEXTS);
    assertThat(scores[1]).isGreaterThan(0.5);
    assertThat(scores[0]).isZero();
    assertThat(scores[2]).isZero();
  }

  @Test
  void oftenAndInAShortTextCountsMore() {
    double[] scores = WordOverlap.scores("links", TEXTS);
    assertThat(scores[0]).isGreaterThan(scores[2]);
    assertThat(scores[2]).isPositive();
  }

  @Test
  void scoresAreSharesAndNothingSharedIsZero() {
    assertThat(Arrays.stream(WordOverlap.scores("link slow processor fades node", TEXTS)))
        .allSatisfy(score -> assertThat(score).isBetween(0.0, 1.0));
    assertThat(WordOverlap.scores("the of and", TEXTS)).containsExactly(0, 0, 0);
    assertThat(WordOverlap.scores("x", List.of())).isEmpty();
  }
}
