package io.foresplit.app.http;

import io.foresplit.contract.IncidentId;
import io.foresplit.contract.SeriesKey;
import io.foresplit.diagnoser.chat.Answerer;
import io.foresplit.diagnoser.chat.ChatEvent;
import io.foresplit.diagnoser.chat.IncidentFacts;
import io.foresplit.diagnoser.chat.Turn;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.ContentTooLargeResponse;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import io.javalin.http.UnsupportedMediaTypeResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers a question about an incident as server-sent events, each flushed at once: {@code token},
 * {@code tool-call}, {@code tool-result}, {@code citation}, and {@code end} as the last. What is
 * wrong with a request is told before the stream begins. Thread-safe.
 */
final class ChatEndpoint {
  static final int LONGEST_QUESTION = 2_000;
  private static final Logger LOG = LoggerFactory.getLogger(ChatEndpoint.class);

  /** Bytes of a body: a question of the longest kind, every character escaped. */
  private static final int LARGEST_BODY = 16_384;

  private static final int LONGEST_ID = 64;
  private static final Set<String> MEMBERS = new TreeSet<>(Set.of("conversation", "question"));

  private final Function<IncidentId, Optional<IncidentFacts>> facts;
  private final Answerer answerer;
  private final Conversations conversations;

  ChatEndpoint(
      Function<IncidentId, Optional<IncidentFacts>> facts, Answerer answerer, InstantSource clock) {
    this.facts = facts;
    this.answerer = answerer;
    conversations = new Conversations(clock);
  }

  /** A checked request. */
  private record Asked(Optional<String> conversation, String question) {}

  void answer(Context ctx, IncidentId incident) throws IOException {
    // a page of another site can send this type only if it is allowed to, and none is
    if (!isJson(String.valueOf(ctx.header("Content-Type")))) {
      throw new UnsupportedMediaTypeResponse(
          "the header 'Content-Type: application/json' is needed");
    }
    Asked asked = asked(ctx);
    IncidentFacts known =
        facts.apply(incident).orElseThrow(() -> new NotFoundResponse("no such incident"));
    try (Conversations.Answering answering = conversations.begin(asked.conversation(), incident)) {
      stream(ctx.res(), answering, known, asked.question());
    }
  }

  private static boolean isJson(String type) {
    return type.toLowerCase(Locale.ROOT).matches("application/json\\s*(;.*)?");
  }

  private static Asked asked(Context ctx) throws IOException {
    byte[] body = ctx.bodyInputStream().readNBytes(LARGEST_BODY + 1);
    if (body.length > LARGEST_BODY) {
      throw new ContentTooLargeResponse("the body must have at most " + LARGEST_BODY + " bytes");
    }
    Map<String, String> texts;
    try {
      texts = Json.texts(body, MEMBERS);
    } catch (IllegalArgumentException e) {
      throw new BadRequestResponse(String.valueOf(e.getMessage()));
    }
    String question = texts.getOrDefault("question", "").strip();
    if (question.isEmpty() || question.length() > LONGEST_QUESTION) {
      throw new BadRequestResponse(
          "question must have 1 to " + LONGEST_QUESTION + " characters, was " + question.length());
    }
    Optional<String> conversation = Optional.ofNullable(texts.get("conversation"));
    if (conversation.filter(id -> id.length() > LONGEST_ID).isPresent()) {
      throw new BadRequestResponse("conversation must have at most " + LONGEST_ID + " characters");
    }
    return new Asked(conversation, question);
  }

  private void stream(
      HttpServletResponse response,
      Conversations.Answering answering,
      IncidentFacts known,
      String question) {
    try {
      Sink sink = new Sink(new EventWriter(response), answering, question);
      answer(answering, known, question, sink);
      sink.failUnlessOver();
    } catch (EventWriter.Left e) {
      LOG.debug("who asked has left: {}", e.toString());
    }
  }

  private void answer(
      Conversations.Answering answering, IncidentFacts known, String question, Sink sink) {
    try {
      answerer.answer(known, answering.history(), question, sink::send);
    } catch (EventWriter.Left e) {
      throw e;
    } catch (RuntimeException e) {
      LOG.error("a question about {} was not answered", known.incident().id(), e);
    }
  }

  /** Writes events. Used by one thread. */
  private static final class Sink {
    private final EventWriter out;
    private final Conversations.Answering answering;
    private final String question;
    private final StringBuilder text = new StringBuilder();
    private boolean over;

    Sink(EventWriter out, Conversations.Answering answering, String question) {
      this.out = out;
      this.answering = answering;
      this.question = question;
    }

    void send(ChatEvent event) {
      if (over) {
        throw new IllegalStateException("the answer is over, was " + event);
      }
      if (event instanceof ChatEvent.Token token) {
        text.append(token.text());
        write("token", Map.of("text", token.text()));
      } else if (event instanceof ChatEvent.ToolCall call) {
        write(
            "tool-call",
            Map.of("call", call.call(), "name", call.name(), "arguments", call.arguments()));
      } else if (event instanceof ChatEvent.ToolResult result) {
        write(
            "tool-result",
            Map.of("call", result.call(), "name", result.name(), "text", result.text()));
      } else if (event instanceof ChatEvent.Citation citation) {
        write(
            "citation",
            Map.of(
                "evidence", citation.evidence(),
                "series", citation.series().toString(),
                "plot", plot(citation.series())));
      } else if (event instanceof ChatEvent.End end) {
        end(end.status());
      }
    }

    /** The conversation is free again before anybody hears that the answer is over. */
    private void end(ChatEvent.Status status) {
      over = true;
      if (status == ChatEvent.Status.FAILED) {
        answering.close();
      } else {
        answering.end(new Turn(question, text.toString()));
      }
      write(
          "end",
          Map.of(
              "status", status.name().toLowerCase(Locale.ROOT),
              "conversation", answering.conversation()));
    }

    void failUnlessOver() {
      if (!over) {
        end(ChatEvent.Status.FAILED);
      }
    }

    private void write(String event, Map<String, Object> data) {
      out.event(event, Json.of(data));
    }

    /** Where the console shows a series. */
    private static String plot(SeriesKey series) {
      return "/#plot=" + URLEncoder.encode(series.toString(), StandardCharsets.UTF_8);
    }
  }
}
