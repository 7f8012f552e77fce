package io.foresplit.app.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.foresplit.runtime.fault.FaultKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Training processes that a killed service left behind, remembered in a file of the data folder.
 *
 * @param folder of the run they belong to
 * @param coordinator {@code host:port}
 * @param pids of coordinator and nodes
 */
record KeptNodes(
    String folder,
    String coordinator,
    List<Long> pids,
    FaultKind fault,
    long seed,
    double durationSeconds,
    String dataset) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int END_SECONDS = 5;

  private static Path file(Path dataDir) {
    return dataDir.resolve("kept-nodes.json");
  }

  /** The processes of an earlier run, when all of them are alive. */
  static Optional<KeptNodes> find(Path dataDir) throws IOException {
    Path file = file(dataDir);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    KeptNodes kept = JSON.readValue(file.toFile(), KeptNodes.class);
    List<ProcessHandle> alive = kept.alive();
    if (alive.size() == kept.pids().size()) {
      return Optional.of(kept);
    }
    kept.end(dataDir);
    return Optional.empty();
  }

  private List<ProcessHandle> alive() {
    return pids.stream()
        .flatMap(pid -> ProcessHandle.of(pid).stream())
        .filter(p -> p.info().command().filter(c -> c.contains("java")).isPresent())
        .toList();
  }

  void write(Path dataDir) throws IOException {
    JSON.writerWithDefaultPrettyPrinter().writeValue(file(dataDir).toFile(), this);
  }

  /** Ends them, by force when they take too long, and forgets them once they are gone. */
  void end(Path dataDir) throws IOException {
    List<ProcessHandle> left = alive();
    left.forEach(ProcessHandle::destroy);
    if (!gone(left)) {
      left.forEach(ProcessHandle::destroyForcibly);
      gone(left);
    }
    Files.deleteIfExists(file(dataDir));
  }

  /** Waits until all have ended; false when some have not in time. */
  private static boolean gone(List<ProcessHandle> processes) {
    CompletableFuture<?>[] exits =
        processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new);
    try {
      CompletableFuture.allOf(exits).get(END_SECONDS, TimeUnit.SECONDS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }
}
