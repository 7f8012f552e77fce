package io.foresplit.diagnoser.llm.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ModelChildTest {
  private final PipedOutputStream orders = new PipedOutputStream();
  private final PipedInputStream replies = new PipedInputStream();
  private final BufferedReader said =
      new BufferedReader(new InputStreamReader(replies, StandardCharsets.UTF_8));

  /** Two pieces for every question, or pieces without end. */
  private static final class FakeEngine implements Engine {
    @Override
    public Run begin(Question question) {
      String asked = question.turns().get(0).text();
      if (asked.equals("too long")) {
        throw new IllegalArgumentException("the prompt has 5000 tokens,\nthat is too many");
      }
      Iterator<String> pieces =
          asked.equals("endless")
              ? java.util.stream.Stream.generate(() -> "on ").iterator()
              : List.of("be", "cause").iterator();
      return new Run() {
        private int tokens;

        @Override
        public int promptTokens() {
          return 12;
        }

        @Override
        public int answerTokens() {
          return tokens;
        }

        @Override
        public Optional<String> next() {
          tokens++;
          return pieces.hasNext() ? Optional.of(pieces.next()) : Optional.empty();
        }

        @Override
        public void cancel() {
          tokens = -1;
        }
      };
    }
  }

  private Thread started() throws IOException {
    PipedInputStream input = new PipedInputStream(orders);
    ModelChild child = new ModelChild(new FakeEngine(), new PipedOutputStream(replies));
    Thread thread =
        new Thread(
            () -> {
              try {
                child.listen(input);
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    thread.start();
    return thread;
  }

  private void ask(int id, String text) throws IOException {
    orders.write(
        Wire.encode(
            new Question(
                id, List.of(new Question.Turn("user", text)), 10, 0, Optional.empty(), List.of())));
    orders.flush();
  }

  private Reply reply() throws IOException {
    String line = said.readLine();
    assertThat(line.charAt(0)).isEqualTo((char) Wire.MARK);
    return Wire.reply(line.substring(1));
  }

  @Test
  void answersInOrderUntilTheParentIsGone() throws Exception {
    Thread child = started();
    ask(1, "why?");
    ask(2, "too long");
    ask(3, "why?");
    assertThat(reply()).isEqualTo(Reply.piece(1, "be"));
    assertThat(reply()).isEqualTo(Reply.piece(1, "cause"));
    assertThat(reply()).isEqualTo(Reply.end(1, 12, 3));
    assertThat(reply()).isEqualTo(Reply.refused(2, "the prompt has 5000 tokens, that is too many"));
    assertThat(reply()).isEqualTo(Reply.piece(3, "be"));

    orders.close();
    child.join();
  }

  @Test
  void aCancelledAnswerEndsEarly() throws Exception {
    Thread child = started();
    ask(1, "endless");
    assertThat(reply()).isEqualTo(Reply.piece(1, "on "));
    orders.write(Wire.encodeCancel(1));
    orders.flush();
    Reply last = reply();
    while (last.kind() == Reply.Kind.PIECE) {
      last = reply();
    }
    assertThat(last).isEqualTo(Reply.end(1, 12, -1));

    orders.close();
    child.join();
  }
}
