package io.foresplit.contract.jobfile;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A YAML document that knows its lines, which Jackson's own tree forgets. Lines count from 1. */
sealed interface YamlNode {
  int line();

  /** Short, for "was …". */
  String describe();

  /** Any text, number, boolean or nothing, as written. */
  record Scalar(int line, String text) implements YamlNode {
    @Override
    public String describe() {
      String shown = text.length() <= 60 ? text : text.substring(0, 60) + "…";
      return "'" + shown.replaceAll("\\s+", " ") + "'";
    }
  }

  /** A sequence. */
  record Items(int line, List<YamlNode> items) implements YamlNode {
    public Items {
      items = List.copyOf(items);
    }

    @Override
    public String describe() {
      return "a list";
    }
  }

  /** A mapping, in the order of the file. */
  record Fields(int line, Map<String, YamlNode> fields) implements YamlNode {
    @Override
    public String describe() {
      return "a mapping";
    }
  }

  /** The first document of a text; an empty text is an empty mapping. */
  static YamlNode parse(String yaml) throws IOException {
    YAMLFactory factory =
        YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    try (JsonParser parser = factory.createParser(yaml)) {
      return parser.nextToken() == null ? new Fields(1, Map.of()) : node(parser);
    }
  }

  private static YamlNode node(JsonParser parser) throws IOException {
    int line = parser.currentTokenLocation().getLineNr();
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      Map<String, YamlNode> fields = new LinkedHashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        fields.put(name, node(parser));
      }
      return new Fields(line, fields);
    }
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      List<YamlNode> items = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        items.add(node(parser));
      }
      return new Items(line, items);
    }
    return new Scalar(line, parser.getText());
  }
}
