package io.foresplit.runtime.node;

import io.foresplit.contract.JobId;
import io.foresplit.runtime.OwnedLayer;
import io.foresplit.runtime.tensor.LayerState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * States of layers as of step boundaries, in files: each has a SHA-256 before the state, and comes
 * into place by an atomic rename of a synced file, so that what is there is whole. Nodes may share
 * the folder. Thread-safe.
 */
final class ReplicaFolder {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicaFolder.class);
  private static final Pattern NAME =
      Pattern.compile(
          "step-(\\d{1,18})-layer-(\\d{1,6})(?:-of-([A-Za-z0-9._-]{1,100}))?\\.replica");
  private static final int DIGEST_BYTES = 32;

  private final Path folder;

  /** A folder of its own for the job, below the one given. */
  ReplicaFolder(Path parent, JobId job) {
    folder = parent.resolve(job.value());
  }

  /** Writes a state; an older one of the layer stays. */
  void write(long step, String owner, LayerState state) throws IOException {
    Files.createDirectories(folder);
    byte[] encoded = state.encode();
    Path target = file(step, new OwnedLayer(owner, state.layer()));
    Path next = Files.createTempFile(folder, target.getFileName().toString(), ".next");
    try {
      try (FileChannel out = FileChannel.open(next, StandardOpenOption.WRITE)) {
        writeAll(out, ByteBuffer.wrap(Checksums.sha256(encoded).toByteArray()));
        writeAll(out, ByteBuffer.wrap(encoded));
        out.force(true);
      }
      Files.move(next, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(next);
    }
  }

  private static void writeAll(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  /** The state of a layer as of a boundary; empty when there is none, or it is damaged. */
  Optional<LayerState> read(long step, OwnedLayer layer) {
    Path file = file(step, layer);
    try {
      byte[] bytes = Files.readAllBytes(file);
      byte[] encoded =
          Arrays.copyOfRange(bytes, Math.min(DIGEST_BYTES, bytes.length), bytes.length);
      byte[] digest = Arrays.copyOf(bytes, DIGEST_BYTES);
      if (!Arrays.equals(digest, Checksums.sha256(encoded).toByteArray())) {
        return damaged(file, "its checksum differs");
      }
      LayerState state = LayerState.decode(encoded);
      if (state.layer() != layer.layer()) {
        return damaged(file, "it holds layer " + state.layer());
      }
      return Optional.of(state);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      return damaged(file, String.valueOf(e.getMessage()));
    }
  }

  /** Puts a file aside, so that it is not counted on again. */
  private static Optional<LayerState> damaged(Path file, String why) {
    LOG.warn("{} is not used: {}", file, why);
    try {
      Files.move(
          file,
          file.resolveSibling(file.getFileName() + ".damaged"),
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.warn("{} could not be put aside: {}", file, e.toString());
    }
    return Optional.empty();
  }

  /** Which layers there are as of which boundary; whether they are whole is told by reading. */
  SortedMap<Long, SortedSet<OwnedLayer>> held() {
    SortedMap<Long, SortedSet<OwnedLayer>> held = new TreeMap<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.replica")) {
        for (Path file : files) {
          Matcher name = NAME.matcher(file.getFileName().toString());
          if (name.matches()) {
            held.computeIfAbsent(Long.valueOf(name.group(1)), s -> new TreeSet<>())
                .add(
                    new OwnedLayer(
                        name.group(3) == null ? "" : name.group(3),
                        Integer.parseInt(name.group(2))));
          }
        }
      } catch (IOException e) {
        LOG.warn("folder {} cannot be read: {}", folder, e.toString());
      }
    }
    return held;
  }

  /** Deletes files of layers as of boundaries before one. */
  void dropBefore(long step, Set<OwnedLayer> layers) {
    held()
        .headMap(step)
        .forEach(
            (old, there) -> there.stream().filter(layers::contains).forEach(l -> drop(old, l)));
  }

  /** Deletes files as of boundaries after one: what was done then has not happened. */
  void dropAfter(long step) {
    held().tailMap(step + 1).forEach((late, there) -> there.forEach(layer -> drop(late, layer)));
  }

  private void drop(long step, OwnedLayer layer) {
    try {
      Files.deleteIfExists(file(step, layer));
    } catch (IOException e) {
      LOG.warn("{} could not be deleted: {}", file(step, layer), e.toString());
    }
  }

  private Path file(long step, OwnedLayer layer) {
    String of = layer.owner().isEmpty() ? "" : "-of-" + layer.owner();
    return folder.resolve("step-" + step + "-layer-" + layer.layer() + of + ".replica");
  }
}
