package io.foresplit.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.app.http.Conversations.Answering;
import io.foresplit.contract.IncidentId;
import io.foresplit.diagnoser.chat.Turn;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.ConflictResponse;
import io.javalin.http.NotFoundResponse;
import io.javalin.http.ServiceUnavailableResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConversationsTest {
  private static final IncidentId ONE = new IncidentId("incident-1");
  private static final IncidentId OTHER = new IncidentId("incident-2");

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final Conversations conversations = new Conversations(() -> now);

  private String talk(Optional<String> id, String question) {
    try (Answering answering = conversations.begin(id, ONE)) {
      answering.end(new Turn(question, "answer"));
      return answering.conversation();
    }
  }

  private List<Turn> history(String id) {
    try (Answering answering = conversations.begin(Optional.of(id), ONE)) {
      return answering.history();
    }
  }

  @Test
  void turnsAreRememberedTheLatestTwenty() {
    String id = talk(Optional.empty(), "0");
    for (int i = 1; i < 25; i++) {
      assertThat(talk(Optional.of(id), Integer.toString(i))).isEqualTo(id);
    }
    assertThat(history(id)).hasSize(Conversations.TURNS);
    assertThat(history(id).get(0).question()).isEqualTo("5");
  }

  @Test
  void whatWasNotAnsweredIsNotRemembered() {
    Answering answering = conversations.begin(Optional.empty(), ONE);
    answering.close();
    assertThat(history(answering.conversation())).isEmpty();
  }

  @Test
  void oneAnswerAtATimeAndAnOldOneFreesNothing() {
    Answering first = conversations.begin(Optional.empty(), ONE);
    Optional<String> id = Optional.of(first.conversation());
    assertThatThrownBy(() -> conversations.begin(id, ONE)).isInstanceOf(ConflictResponse.class);
    first.end(new Turn("why?", "so"));
    Answering second = conversations.begin(id, ONE);
    first.close();
    assertThatThrownBy(() -> conversations.begin(id, ONE)).isInstanceOf(ConflictResponse.class);
    second.close();
    assertThat(history(first.conversation())).hasSize(1);
  }

  @Test
  void aConversationIsAboutOneIncident() {
    Optional<String> id = Optional.of(talk(Optional.empty(), "why?"));
    assertThatThrownBy(() -> conversations.begin(id, OTHER)).isInstanceOf(BadRequestResponse.class);
  }

  @Test
  void silenceEndsAConversation() {
    Optional<String> id = Optional.of(talk(Optional.empty(), "why?"));
    now = now.plus(Conversations.LONGEST_SILENCE);
    talk(id, "still there");
    now = now.plus(Conversations.LONGEST_SILENCE).plus(Duration.ofMillis(1));
    assertThatThrownBy(() -> conversations.begin(id, ONE))
        .isInstanceOf(NotFoundResponse.class)
        .hasMessageContaining("leave it out");
  }

  @Test
  void theOneSilentLongestMakesRoomAndOneThatIsAnsweredDoesNot() {
    List<Answering> busy = new ArrayList<>();
    for (int i = 0; i < Conversations.MOST - 2; i++) {
      busy.add(conversations.begin(Optional.empty(), ONE));
    }
    String old = talk(Optional.empty(), "why?");
    String used = talk(Optional.empty(), "why?");
    talk(Optional.of(old), "used later");
    talk(Optional.empty(), "needs room");
    assertThatThrownBy(() -> history(used)).isInstanceOf(NotFoundResponse.class);
    assertThat(history(old)).hasSize(2);

    busy.add(conversations.begin(Optional.empty(), ONE));
    busy.add(conversations.begin(Optional.empty(), ONE));
    assertThatThrownBy(() -> conversations.begin(Optional.empty(), ONE))
        .isInstanceOf(ServiceUnavailableResponse.class)
        .hasMessageContaining("64 questions");
    busy.forEach(Answering::close);
    assertThat(talk(Optional.empty(), "why?")).isNotEmpty();
  }
}
