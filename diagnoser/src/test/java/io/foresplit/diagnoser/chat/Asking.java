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

/** A conversation. Every answer is checked. */
public final class Asking {
  private static final Pattern CITED = Pattern.compile("\\[(E\\d+)\\]");

  private final IncidentFacts facts;
  private final Answerer chat;
  private final List<Turn> history = new ArrayList<>();

  /** With the chat that answers without a language model. */
  Asking(IncidentFacts facts) {
    this(facts, new IncidentChat(new StepTimeModel()));
  }

  public Asking(IncidentFacts facts, Answerer chat) {
    this.facts = facts;
    this.chat = chat;
  }

  /** What was answered. */
  public record Answer(List<ChatEvent> events) {
    public String text() {
      return of(Token.class).stream().map(Token::text).collect(Collectors.joining());
    }

    public Status status() {
      return of(End.class).get(0).status();
    }

    public List<String> lookUps() {
      return of(ToolCall.class).stream().map(ToolCall::name).toList();
    }

    public <E extends ChatEvent> List<E> of(Class<E> kind) {
      return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
  }

  public Answer ask(String question) {
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
