package io.foresplit.app.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Snapshots as JSON, and requests from it. What is not a finite number is null. */
final class Json {
  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .registerModule(
              new SimpleModule()
                  .addSerializer(Double.class, new FiniteOrNull())
                  .addSerializer(Double.TYPE, new FiniteOrNull()));

  private static final ObjectMapper STRICT =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private Json() {}

  static String of(Object snapshot) {
    try {
      return MAPPER.writeValueAsString(snapshot);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a snapshot is not serialisable: " + snapshot.getClass(), e);
    }
  }

  /**
   * The members of a small JSON object, all of them text.
   *
   * @throws IllegalArgumentException saying what is wrong in one line
   */
  static Map<String, String> texts(byte[] json, Set<String> allowed) {
    JsonNode tree;
    try {
      tree = STRICT.readTree(json);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "the body must be JSON such as {\"question\": \"why?\"}", e);
    }
    if (tree == null || !tree.isObject()) {
      throw new IllegalArgumentException(
          "the body must be a JSON object such as {\"question\": \"why?\"}");
    }
    Map<String, String> texts = new TreeMap<>();
    for (Map.Entry<String, JsonNode> member : tree.properties()) {
      if (!allowed.contains(member.getKey())) {
        throw new IllegalArgumentException(
            "the body may have the members " + String.join(", ", allowed) + " and no other");
      }
      if (!member.getValue().isTextual()) {
        throw new IllegalArgumentException("member " + member.getKey() + " must be a text");
      }
      texts.put(member.getKey(), member.getValue().textValue());
    }
    return texts;
  }

  private static final class FiniteOrNull extends JsonSerializer<Double> {
    @Override
    public void serialize(Double value, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      if (Double.isFinite(value)) {
        json.writeNumber(value);
      } else {
        json.writeNull();
      }
    }
  }
}
