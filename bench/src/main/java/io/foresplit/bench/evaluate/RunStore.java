package io.foresplit.bench.evaluate;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foresplit.bench.measure.Run;
import io.foresplit.bench.scenario.Scenario;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Runs that are done, a scenario a line, in a file that survives an interruption. The first line
 * says what they are runs of: a file of something else is begun anew. A last line that was cut off
 * is dropped. Thread-safe.
 */
public final class RunStore {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final Map<String, List<Run>> done = new HashMap<>();

  /** What all runs of a file have in common. */
  private record Head(@JsonProperty("evaluation") String evaluation) {}

  private record Entry(@JsonProperty("key") String key, @JsonProperty("runs") List<Run> runs) {}

  private RunStore(Path file) {
    this.file = file;
  }

  /**
   * Opens a file, or begins it.
   *
   * @param evaluation version, scenarios and strategies in a word: runs of another are not taken
   */
  public static RunStore open(Path file, String evaluation) throws IOException {
    RunStore store = new RunStore(file);
    if (!store.read(evaluation)) {
      store.done.clear();
      Files.writeString(file, JSON.writeValueAsString(new Head(evaluation)) + "\n");
    }
    return store;
  }

  /** Takes up what is there; false when it is of something else, or nothing. */
  private boolean read(String evaluation) throws IOException {
    if (!Files.exists(file)) {
      return false;
    }
    byte[] bytes = Files.readAllBytes(file);
    int whole = bytes.length;
    while (whole > 0 && bytes[whole - 1] != '\n') {
      whole--;
    }
    if (whole < bytes.length) {
      Files.write(file, Arrays.copyOf(bytes, whole));
    }
    List<String> lines = new String(bytes, 0, whole, StandardCharsets.UTF_8).lines().toList();
    try {
      if (lines.isEmpty()
          || !JSON.readValue(lines.get(0), Head.class).evaluation().equals(evaluation)) {
        return false;
      }
      for (String line : lines.subList(1, lines.size())) {
        Entry entry = JSON.readValue(line, Entry.class);
        done.put(entry.key(), entry.runs());
      }
      return true;
    } catch (JsonProcessingException notOurs) {
      return false;
    }
  }

  private static String key(Scenario scenario) {
    return scenario.seed() + "/" + scenario.id();
  }

  synchronized boolean has(Scenario scenario) {
    return done.containsKey(key(scenario));
  }

  synchronized List<Run> runs(Scenario scenario) {
    return Objects.requireNonNull(done.get(key(scenario)), () -> "no runs of " + key(scenario));
  }

  synchronized void keep(Scenario scenario, List<Run> runs) throws IOException {
    String line = JSON.writeValueAsString(new Entry(key(scenario), runs)) + "\n";
    Files.writeString(file, line, StandardOpenOption.APPEND);
    done.put(key(scenario), List.copyOf(runs));
  }

  /** All is done and told elsewhere: the next evaluation begins anew. */
  public synchronized void delete() throws IOException {
    Files.deleteIfExists(file);
  }
}
