package io.foresplit.runtime.coordinator;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.foresplit.contract.ActionId;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import io.foresplit.runtime.MoveReplies;
import io.foresplit.runtime.Optimisers;
import io.foresplit.runtime.proto.KeptResult;
import io.foresplit.runtime.proto.KeptState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The coordinator's state on disk: replaced as a whole, by an atomic rename of a synced file. Locks
 * its folder, so that no two coordinators own one job. Not thread-safe.
 */
final class StateFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StateFile.class);
  private static final String NAME = "coordinator.state";

  private final Path folder;
  private final Path file;
  private final FileChannel lockFile;
  private final FileLock lock;

  private StateFile(Path folder, FileChannel lockFile, FileLock lock) {
    this.folder = folder;
    this.lockFile = lockFile;
    this.lock = lock;
    file = folder.resolve(NAME);
  }

  static StateFile open(Path folder) throws IOException {
    Files.createDirectories(folder);
    FileChannel channel =
        FileChannel.open(
            folder.resolve("coordinator.lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    FileLock lock = tryLock(channel);
    if (lock == null) {
      channel.close();
      throw new IOException(
          "data folder " + folder + " is in use by another coordinator; stop it or use another");
    }
    return new StateFile(folder, channel, lock);
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /** What was saved last; empty for a new folder. */
  Optional<CoordinatorState> load() throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      KeptState kept = KeptState.parseFrom(Files.readAllBytes(file));
      Map<ActionId, MoveResult> results = new LinkedHashMap<>();
      for (KeptResult entry : kept.getResultsList()) {
        results.put(new ActionId(entry.getAction()), MoveReplies.decode(entry.getResult()));
      }
      return Optional.of(
          new CoordinatorState(
              Codecs.TOPOLOGY.decode(kept.getTopology().toByteArray()),
              Optimisers.decode(kept.getOptimiser()),
              kept.getSeed(),
              kept.getTerm(),
              kept.getStartedMillis() == 0
                  ? Optional.empty()
                  : Optional.of(Instant.ofEpochMilli(kept.getStartedMillis())),
              results,
              kept.getLife(),
              kept.getFencedList()));
    } catch (InvalidProtocolBufferException
        | MalformedRecordException
        | IllegalArgumentException e) {
      throw new IOException(
          file + " is damaged (" + e.getMessage() + "); restore it or use a new data folder", e);
    }
  }

  /** Makes a state durable. When it throws, the state before is the durable one. */
  void save(CoordinatorState state) throws IOException {
    KeptState.Builder kept =
        KeptState.newBuilder()
            .setTopology(ByteString.copyFrom(Codecs.TOPOLOGY.encode(state.topology())))
            .setTerm(state.term())
            .setLife(state.life())
            .addAllFenced(state.fenced())
            .setSeed(state.seed())
            .setOptimiser(Optimisers.encode(state.optimiser()))
            .setStartedMillis(state.started().map(Instant::toEpochMilli).orElse(0L));
    state
        .results()
        .forEach(
            (action, result) ->
                kept.addResults(
                    KeptResult.newBuilder()
                        .setAction(action.value())
                        .setResult(MoveReplies.encode(result))));
    Path next = folder.resolve(NAME + ".next");
    try (FileChannel out =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = ByteBuffer.wrap(kept.build().toByteArray());
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
      directory.force(true);
    } catch (IOException e) {
      LOG.debug("folder {} cannot be synced here: {}", folder, e.toString());
    }
  }

  @Override
  public void close() throws IOException {
    lock.release();
    lockFile.close();
  }
}
