package io.foresplit.diagnoser.library;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.Cause;
import io.foresplit.contract.Metric;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class RunbooksTest {
  private static final Path FILES =
      Path.of("src/main/resources/io/foresplit/diagnoser/runbooks").toAbsolutePath();

  static Stream<Runbook> all() {
    Runbooks runbooks = Runbooks.bundled();
    return runbooks.subjects().stream().flatMap(subject -> runbooks.about(subject).stream());
  }

  private static Set<String> found(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult result) -> result.group(1))
        .collect(Collectors.toSet());
  }

  @ParameterizedTest
  @EnumSource
  void everyCauseHasOne(Cause cause) {
    assertThat(Runbooks.bundled().about(cause.label())).hasSize(1);
  }

  @Test
  void everyFileIsShipped() throws Exception {
    try (Stream<Path> files = Files.list(FILES)) {
      assertThat(files.map(file -> file.getFileName().toString().replace(".md", "")))
          .containsExactlyInAnyOrderElementsOf(Runbooks.bundled().subjects());
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void oneSaysAllThatIsAsked(Runbook runbook) {
    assertThat(Markdown.sections(runbook.markdown()))
        .extracting(Markdown.Section::heading)
        .containsExactly(
            runbook.title(),
            "How it shows",
            "How to tell it from others",
            "What to check by hand",
            "What Foresplit does",
            "How to prevent it",
            "What would disprove it");
    assertThat(Markdown.sections(runbook.markdown())).noneMatch(s -> s.text().isBlank());
    assertThat(runbook.markdown().lines().count()).isBetween(40L, 80L);
    assertThat(runbook.title().toLowerCase(java.util.Locale.ROOT).replace(' ', '-'))
        .isEqualTo(runbook.subject());
  }

  @ParameterizedTest
  @MethodSource("all")
  void metricsThatOneNamesExist(Runbook runbook) {
    Set<String> metrics = found("`([A-Z]+(?:_[A-Z]+)*)`", runbook.markdown());
    metrics.addAll(found("metric=([A-Z_]+)", runbook.markdown()));
    assertThat(metrics)
        .hasSizeGreaterThanOrEqualTo(3)
        .isSubsetOf(Arrays.stream(Metric.values()).map(Metric::name).toList());
  }

  @ParameterizedTest
  @MethodSource("all")
  void lookAlikesHaveRunbooksOfTheirOwn(Runbook runbook) {
    String section =
        Markdown.sections(runbook.markdown()).stream()
            .filter(s -> s.heading().equals("How to tell it from others"))
            .findFirst()
            .orElseThrow()
            .text();
    Set<String> others = found("`([a-z]+(?:-[a-z]+)+)`(?=[:,])", section);
    assertThat(others)
        .hasSizeGreaterThanOrEqualTo(2)
        .doesNotContain(runbook.subject())
        .isSubsetOf(Runbooks.bundled().subjects());
  }

  @ParameterizedTest
  @MethodSource("all")
  void filesThatOneNamesExist(Runbook runbook) {
    Set<String> files = found("`(docs/[^`]+)`", runbook.markdown());
    assertThat(files).allSatisfy(file -> assertThat(Path.of("..", file)).isRegularFile());
  }

  @ParameterizedTest
  @MethodSource("all")
  void passagesFitAnEmbedding(Runbook runbook) {
    List<Page> pages = runbook.pages();
    assertThat(pages).hasSizeGreaterThanOrEqualTo(7);
    assertThat(pages).allSatisfy(page -> assertThat(page.text()).hasSizeLessThanOrEqualTo(1_500));
    String whole = pages.stream().map(Page::text).collect(Collectors.joining());
    Markdown.sections(runbook.markdown())
        .forEach(
            section ->
                assertThat(whole.replaceAll("\\s+", ""))
                    .contains(section.text().replaceAll("\\s+", "")));
  }
}
