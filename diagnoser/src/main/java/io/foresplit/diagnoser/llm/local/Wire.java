package io.foresplit.diagnoser.llm.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Lines between parent and child, a JSON object each. Native code may print whatever it likes to
 * the child's output, so a line of the child begins with {@link #MARK}, which JSON never contains:
 * what stands before it, and lines without it, are noise.
 */
final class Wire {
  /** Start of heading, U+0001. */
  static final byte MARK = 1;

  private static final ObjectMapper JSON = new ObjectMapper();

  /** What the parent says: a question, or the id of one that is no longer wanted. */
  record Order(Optional<Question> question, int cancelled) {}

  private Wire() {}

  static byte[] encode(Question question) {
    ObjectNode node = JSON.createObjectNode();
    node.put("id", question.id());
    ArrayNode turns = node.putArray("turns");
    question
        .turns()
        .forEach(turn -> turns.addObject().put("role", turn.role()).put("text", turn.text()));
    node.put("mostTokens", question.mostTokens());
    node.put("temperature", question.temperature());
    question.schema().ifPresent(schema -> node.put("schema", schema));
    question.stops().forEach(node.putArray("stops")::add);
    return line(node);
  }

  static byte[] encodeCancel(int id) {
    return line(JSON.createObjectNode().put("cancel", id));
  }

  /**
   * Reads what the parent said.
   *
   * @throws JsonProcessingException when it is not JSON
   */
  static Order order(String line) throws JsonProcessingException {
    JsonNode node = JSON.readTree(line);
    if (node.has("cancel")) {
      return new Order(Optional.empty(), node.path("cancel").asInt());
    }
    List<Question.Turn> turns = new ArrayList<>();
    for (JsonNode turn : node.path("turns")) {
      turns.add(new Question.Turn(turn.path("role").asText(), turn.path("text").asText()));
    }
    List<String> stops = new ArrayList<>();
    node.path("stops").forEach(stop -> stops.add(stop.asText()));
    return new Order(
        Optional.of(
            new Question(
                node.path("id").asInt(),
                turns,
                node.path("mostTokens").asInt(),
                node.path("temperature").asDouble(),
                node.has("schema") ? Optional.of(node.path("schema").asText()) : Optional.empty(),
                stops)),
        0);
  }

  /** A line with its mark. */
  static byte[] encode(Reply reply) {
    ObjectNode node = JSON.createObjectNode();
    node.put("kind", reply.kind().name().toLowerCase(Locale.ROOT));
    node.put("id", reply.id());
    node.put("text", reply.text());
    node.put("promptTokens", reply.promptTokens());
    node.put("answerTokens", reply.answerTokens());
    byte[] line = line(node);
    byte[] marked = new byte[line.length + 1];
    marked[0] = MARK;
    System.arraycopy(line, 0, marked, 1, line.length);
    return marked;
  }

  /**
   * Reads what the child said, without the mark.
   *
   * @throws JsonProcessingException when it is not a reply
   */
  static Reply reply(String line) throws JsonProcessingException {
    JsonNode node = JSON.readTree(line);
    for (Reply.Kind kind : Reply.Kind.values()) {
      if (kind != Reply.Kind.GONE
          && kind.name().toLowerCase(Locale.ROOT).equals(node.path("kind").asText())) {
        return new Reply(
            kind,
            node.path("id").asInt(),
            node.path("text").asText(),
            node.path("promptTokens").asInt(),
            node.path("answerTokens").asInt());
      }
    }
    throw new UnknownReplyException();
  }

  private static byte[] line(ObjectNode node) {
    // Jackson escapes line breaks and control characters within texts
    return (node + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** JSON of no known kind. */
  private static final class UnknownReplyException extends JsonProcessingException {
    UnknownReplyException() {
      super("a reply of no known kind");
    }
  }
}
