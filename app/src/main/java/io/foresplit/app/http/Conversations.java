package io.foresplit.app.http;

import io.foresplit.contract.IncidentId;
import io.foresplit.diagnoser.chat.Turn;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.ConflictResponse;
import io.javalin.http.NotFoundResponse;
import io.javalin.http.ServiceUnavailableResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The conversations that go on, bounded in number, age and length, each with one answer at a time.
 * Thread-safe.
 */
final class Conversations {
  /** Conversations held; beyond it the one silent longest is forgotten. */
  static final int MOST = 64;

  /** A conversation silent for so long is forgotten. */
  static final Duration LONGEST_SILENCE = Duration.ofMinutes(30);

  /** Turns remembered of a conversation, the latest ones. */
  static final int TURNS = 20;

  /** Guarded by {@link Conversations}. */
  private static final class Conversation {
    private final IncidentId incident;
    private final Deque<Turn> turns = new ArrayDeque<>();
    private Instant lastUsed = Instant.EPOCH;
    private boolean answering;

    private Conversation(IncidentId incident) {
      this.incident = incident;
    }
  }

  /** A question that is being answered: nobody else is answered in this conversation meanwhile. */
  final class Answering implements AutoCloseable {
    private final String id;
    private final Conversation conversation;
    private final List<Turn> history;
    private boolean over;

    private Answering(String id, Conversation conversation) {
      this.id = id;
      this.conversation = conversation;
      this.history = List.copyOf(conversation.turns);
    }

    String conversation() {
      return id;
    }

    /** Earlier turns, oldest first. */
    List<Turn> history() {
      return history;
    }

    /** It was answered; the next question may come. */
    void end(Turn turn) {
      synchronized (Conversations.this) {
        conversation.turns.addLast(turn);
        if (conversation.turns.size() > TURNS) {
          conversation.turns.removeFirst();
        }
        close();
      }
    }

    /** It was not answered, unless it has ended before; the next question may come. */
    @Override
    public void close() {
      synchronized (Conversations.this) {
        if (!over) {
          over = true;
          conversation.answering = false;
          conversation.lastUsed = clock.instant();
        }
      }
    }
  }

  private final InstantSource clock;

  /** The one used longest ago first. */
  private final Map<String, Conversation> conversations = new LinkedHashMap<>(16, 0.75f, true);

  Conversations(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Begins to answer, in a conversation or a new one.
   *
   * @throws io.javalin.http.HttpResponseException when that cannot be, with the reason
   */
  synchronized Answering begin(Optional<String> wanted, IncidentId incident) {
    forgetOld();
    String id = wanted.orElseGet(() -> UUID.randomUUID().toString());
    Conversation conversation = wanted.isPresent() ? known(id, incident) : started(id, incident);
    conversation.answering = true;
    conversation.lastUsed = clock.instant();
    return new Answering(id, conversation);
  }

  private Conversation known(String id, IncidentId incident) {
    Conversation conversation = conversations.get(id);
    if (conversation == null) {
      throw new NotFoundResponse(
          "no such conversation, or it was silent for too long: leave it out to begin a new one");
    }
    if (!conversation.incident.equals(incident)) {
      throw new BadRequestResponse("the conversation is about another incident");
    }
    if (conversation.answering) {
      throw new ConflictResponse("the conversation's last question is still being answered");
    }
    return conversation;
  }

  private Conversation started(String id, IncidentId incident) {
    if (conversations.size() >= MOST && !forgetOne()) {
      throw new ServiceUnavailableResponse(
          MOST + " questions are being answered, try again in a moment");
    }
    Conversation conversation = new Conversation(incident);
    conversations.put(id, conversation);
    return conversation;
  }

  private void forgetOld() {
    Instant oldest = clock.instant().minus(LONGEST_SILENCE);
    conversations.values().removeIf(c -> !c.answering && c.lastUsed.isBefore(oldest));
  }

  private boolean forgetOne() {
    Iterator<Conversation> each = conversations.values().iterator();
    while (each.hasNext()) {
      if (!each.next().answering) {
        each.remove();
        return true;
      }
    }
    return false;
  }
}
