package io.foresplit.app.offline;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foresplit.diagnoser.CallGraph;
import io.foresplit.diagnoser.CallGraph.Call;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads who calls whom: {@code {"edges":[{"from":"caller","to":"callee"}]}}, or, from a file whose
 * name ends with {@code .csv}, a matrix with names on both sides and another number than 0 where
 * the row calls the column.
 */
final class CallGraphFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private CallGraphFile() {}

  static CallGraph read(Path file) throws InputException, IOException {
    if (!Files.isRegularFile(file)) {
      throw new InputException(file + ": expected a readable file, there is none");
    }
    if (file.toString().endsWith(".csv")) {
      return matrix(new CsvRows(file));
    }
    JsonNode edges;
    try {
      edges = JSON.readTree(file.toFile()).path("edges");
    } catch (JacksonException e) {
      throw new InputException(
          file
              + (e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr())
              + ": expected JSON, was not: "
              + e.getOriginalMessage());
    }
    if (!edges.isArray()) {
      throw new InputException(
          file + ": expected {\"edges\":[{\"from\":…,\"to\":…}]}, there is no list edges");
    }
    List<Call> calls = new ArrayList<>();
    for (JsonNode edge : edges) {
      if (!edge.path("from").isTextual() || !edge.path("to").isTextual()) {
        throw new InputException(
            file
                + ", edge "
                + (calls.size() + 1)
                + ": expected the names from and to, was "
                + InputException.shown(edge.toString()));
      }
      calls.add(new Call(edge.path("from").textValue(), edge.path("to").textValue()));
    }
    return new CallGraph(calls);
  }

  private static CallGraph matrix(CsvRows file) throws InputException, IOException {
    List<String> names = new ArrayList<>();
    List<Call> calls = new ArrayList<>();
    file.read(
        (cells, line) -> {
          if (names.isEmpty()) {
            names.addAll(cells);
            return;
          }
          if (cells.size() != names.size()) {
            throw new InputException(
                file.at(line) + "expected " + names.size() + " columns, was " + cells.size());
          }
          for (int i = 1; i < names.size(); i++) {
            double value = file.value(cells.get(i), line, "column " + names.get(i) + ": ");
            if (!Double.isNaN(value) && value != 0) {
              calls.add(new Call(cells.get(0), names.get(i)));
            }
          }
        });
    return new CallGraph(calls);
  }
}
