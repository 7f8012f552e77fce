package io.foresplit.diagnoser.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.diagnoser.StepTimeModel;
import io.foresplit.diagnoser.chat.ChatEvent.Citation;
import io.foresplit.diagnoser.chat.ChatEvent.End;
import io.foresplit.diagnoser.chat.ChatEvent.Status;
import io.foresplit.diagnoser.chat.ChatEvent.Token;
import io.foresplit.diagnoser.chat.ChatEvent.ToolCall;
import io.foresplit.diagnoser.chat.ChatEvent.ToolResult;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A conversation with the chat that answers without a language model. Every answer is checked. */
final class Asking {
  private static final Pattern CITED = Pattern.compile("\\[(E\\d+)\\]");

  private final IncidentFacts facts;
  private final Answerer chat = new IncidentChat(new StepTimeModel());
  private final List<Turn> history = new ArrayList<>();

  Asking(IncidentFacts facts) {
    this.facts = facts;
  }

  /** What was answered. */
  record Answer(List<ChatEvent> events) {
    String text() {
      return of(Token.class).stream().map(Token::text).collect(Collectors.joining());
    }

    Status status() {
      return of(End.class).get(0).status();
    }

    List<String> lookUps() {
      return of(ToolCall.class).stream().map(ToolCall::name).toList();
    }

    <E extends ChatEvent> List<E> of(Class<E> kind) {
      return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
  }

  Answer ask(String question) {
    List<ChatEvent> events = new ArrayList<>();
    chat.answer(facts, history, question, events::add);
    Answer answer = new Answer(events);
    history.add(new Turn(question, answer.text()));
    check(answer);
    return answer;
  }

  /** What holds of every answer, whatever was asked. */
  private void check(Answer answer) {
    assertThat(answer.events().get(answer.events().size() - 1)).isInstanceOf(End.class);
    assertThat(answer.of(End.class)).hasSize(1);
    assertThat(answer.text())
        .isNotBlank()
        .doesNotContainPattern("[\\p{Cc}\\p{Cf}&&[^\\n]]")
        .doesNotContain("<");
    assertThat(answer.text().lines()).allMatch(line -> line.length() < 4_000);
    List<String> cited = new ArrayList<>();
    Matcher citation = CITED.matcher(answer.text());
    while (citation.find()) {
      cited.add(citation.group(1));
    }
    assertThat(answer.of(Citation.class))
        .extracting(Citation::evidence)
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(cited.stream().distinct().toList());
    assertThat(answer.of(Citation.class))
        .allMatch(c -> facts.evidence(c.evidence()).orElseThrow().series().equals(c.series()));
    assertThat(answer.of(ToolResult.class))
        .extracting(ToolResult::call)
        .containsExactlyElementsOf(answer.of(ToolCall.class).stream().map(ToolCall::call).toList());
  }
}
