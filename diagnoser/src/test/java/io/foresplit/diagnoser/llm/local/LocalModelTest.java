package io.foresplit.diagnoser.llm.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.exception.TimeoutException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class LocalModelTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(300);

  private static LocalModel model(Duration timeout, String... arguments) {
    return new LocalModel(
        "fake", new ChildCommand(FakeChild.class, List.of(arguments)), timeout, System::nanoTime);
  }

  private static Question question(String text) {
    return new Question(
        0, List.of(new Question.Turn("user", text)), 100, 0, Optional.empty(), List.of());
  }

  private static LocalModel.Answer ask(LocalModel model, String text) throws InterruptedException {
    return model.ask(question(text), piece -> true);
  }

  @Test
  void anAnswerComesInPiecesWhateverElseIsPrinted() throws Exception {
    try (LocalModel model = model(LONG, "echo")) {
      List<String> pieces = new ArrayList<>();
      LocalModel.Answer answer = model.ask(question("why?\n\u0001 ‘ü’ \ud83d\ude80"), pieces::add);

      assertThat(answer.text()).endsWith(":why?\n\u0001 ‘ü’ \ud83d\ude80");
      assertThat(answer.promptTokens()).isEqualTo(7);
      assertThat(answer.answerTokens()).isEqualTo(2);
      assertThat(pieces).hasSize(2);
      assertThat(String.join("", pieces)).isEqualTo(answer.text());
    }
  }

  @Test
  void oneChildAnswersEverythingOneAfterTheOther() throws Exception {
    try (LocalModel model = model(LONG, "echo")) {
      String child = pid(ask(model, "first"));
      List<CompletableFuture<String>> asked = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        String text = "question " + i;
        asked.add(
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return ask(model, text).text();
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                }));
      }
      for (int i = 0; i < 4; i++) {
        assertThat(asked.get(i).get()).isEqualTo(child + ":question " + i);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "crash| it ended with code 134, last words: # SIGSEGV (0xb) at pc=0x0",
        "flood| its answer does not end",
        "noise| it printed more than 1048576 bytes that are no answer",
        "endless line| it said a line of more than 65536 bytes",
        "broken| it said what is no reply",
        "unknown| it said what is no reply",
        "other| it answered what was not asked",
      })
  void whatGoesWrongInTheChildCostsAnAnswer(String behaviour, String reason) {
    try (LocalModel model = model(LONG, behaviour)) {
      assertThatExceptionOfType(LocalModelException.class)
          .isThrownBy(() -> ask(model, "why?"))
          .withMessage("fake failed: " + reason);
    }
  }

  @Test
  void aChildThatWasKilledIsStartedAnew() throws Exception {
    try (LocalModel model = model(LONG, "echo")) {
      String first = pid(ask(model, "a"));
      ProcessHandle child = ProcessHandle.of(Long.parseLong(first)).orElseThrow();
      child.destroyForcibly();
      child.onExit().get(30, TimeUnit.SECONDS);

      assertThat(pid(ask(model, "b"))).isNotEqualTo(first);
    }
  }

  @Test
  void aChildThatKeepsFailingRests() {
    AtomicLong nanos = new AtomicLong();
    ChildCommand crash = new ChildCommand(FakeChild.class, List.of("crash"));
    try (LocalModel model = new LocalModel("fake", crash, LONG, nanos::get)) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> ask(model, "why?")).hasMessageContaining("ended with code 134");
      }
      assertThatThrownBy(() -> ask(model, "why?"))
          .hasMessage("fake failed 3 times within a minute and rests until it is over");
      nanos.addAndGet(Duration.ofSeconds(61).toNanos());
      assertThatThrownBy(() -> ask(model, "why?")).hasMessageContaining("ended with code 134");
    }
  }

  @ParameterizedTest
  @CsvSource({"stall", "deaf"})
  void aChildThatStallsIsGivenUpAndEnded(String behaviour) throws Exception {
    try (LocalModel model = model(Duration.ofSeconds(3), behaviour)) {
      // longer than what a pipe holds
      String text = "why? ".repeat(100_000);
      assertThatThrownBy(() -> ask(model, text))
          .isInstanceOf(TimeoutException.class)
          .hasMessageContaining("fake ");
      awaitNoChildren();
    }
  }

  @Test
  void anInterruptGivesTheAnswerUp() throws Exception {
    try (LocalModel model = model(LONG, "patient")) {
      CountDownLatch begun = new CountDownLatch(1);
      CompletableFuture<Throwable> result = new CompletableFuture<>();
      Thread asking =
          new Thread(
              () -> {
                try {
                  model.ask(
                      question("why?"),
                      piece -> {
                        begun.countDown();
                        return true;
                      });
                } catch (InterruptedException | RuntimeException e) {
                  result.complete(e);
                }
              });
      asking.start();
      begun.await();
      asking.interrupt();

      assertThat(result.get()).isInstanceOf(InterruptedException.class);
      assertThat(children()).hasSize(1);
    }
  }

  @Test
  void whatIsNoLongerWantedIsCancelledAndTheChildKept() throws Exception {
    try (LocalModel model = model(LONG, "patient")) {
      LocalModel.Answer first = model.ask(question("why?"), piece -> false);
      LocalModel.Answer second = model.ask(question("why?"), piece -> false);
      assertThat(second.text()).isEqualTo(first.text()).matches("\\d+");
    }
  }

  @Test
  void aRefusalIsToldAndTheChildKept() throws Exception {
    try (LocalModel model = model(LONG, "refuse")) {
      for (int i = 0; i < 5; i++) {
        assertThatThrownBy(() -> ask(model, "why?"))
            .isInstanceOf(LocalModelException.class)
            .hasMessage("fake cannot answer: the prompt has 9 tokens");
      }
    }
  }

  @Test
  void aModelThatCannotBeLoadedSaysWhy() {
    try (LocalModel model = model(LONG, "unloadable")) {
      assertThatThrownBy(() -> ask(model, "why?"))
          .isInstanceOf(LocalModelException.class)
          .hasMessage("fake cannot be loaded: no such file");
    }
  }

  @Test
  void aModelThatLoadsSlowlyGoesOnLoadingForTheNextQuestion() throws Exception {
    try (ServerSocket gate = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        LocalModel model = model(SHORT, "slow", Integer.toString(gate.getLocalPort()))) {
      assertThatThrownBy(() -> ask(model, "why?"))
          .isInstanceOf(TimeoutException.class)
          .hasMessage("fake is still being loaded");
      String child = Long.toString(children().get(0).pid());
      try (Socket waiting = gate.accept()) {
        waiting.getOutputStream().write(1);
      }
      assertThat(pid(askUntilLoaded(model))).isEqualTo(child);
    }
  }

  @Test
  void closingEndsTheChildAndItsFolder() throws Exception {
    LocalModel model = model(LONG, "scratch");
    Path scratch = Path.of(ask(model, "where?").text());
    assertThat(scratch.resolve("library.so")).exists();
    model.close();

    assertThat(scratch).doesNotExist();
    assertThat(children()).isEmpty();
    assertThatThrownBy(() -> ask(model, "why?")).hasMessage("fake is closed");
  }

  private static LocalModel.Answer askUntilLoaded(LocalModel model) throws InterruptedException {
    while (true) {
      try {
        return ask(model, "why?");
      } catch (TimeoutException e) {
        // each try waits for a while
      }
    }
  }

  private static String pid(LocalModel.Answer answer) {
    return answer.text().substring(0, answer.text().indexOf(':'));
  }

  /** A killed process is there for a moment longer. */
  private static void awaitNoChildren() throws Exception {
    for (ProcessHandle child : children()) {
      child.onExit().get(30, TimeUnit.SECONDS);
    }
  }

  /** Java children of this process that are alive. */
  private static List<ProcessHandle> children() {
    return ProcessHandle.current().children().filter(ProcessHandle::isAlive).toList();
  }
}
