package io.foresplit.collector;

import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.SplitTopology;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Which intervals of a job are closed, and who reported for the open ones. What has to survive a
 * restart. Not thread-safe.
 */
public final class IntervalLedger {
  private static final int VERSION = 1;

  /** No interval: nothing was closed, or reported, yet. */
  private static final long NONE = -1;

  /** Instead of a sequence: something unusable came from the node, so it is not silent. */
  private static final long HEARD = -1;

  private long closed = NONE;
  private long newest = NONE;
  private boolean started;
  private final TreeMap<Long, Map<NodeId, Long>> open = new TreeMap<>();

  /** Whether any report has been accepted. */
  public boolean isStarted() {
    return started;
  }

  /** The last closed interval, or -1. */
  public long closed() {
    return closed;
  }

  /** The newest interval that a node reported for, or -1. */
  public long newest() {
    return newest;
  }

  /** The sequence of the report that was accepted from a node for an open interval. */
  public OptionalLong reported(long interval, NodeId node) {
    Long sequence = open.getOrDefault(interval, Map.of()).get(node);
    return sequence == null || sequence == HEARD ? OptionalLong.empty() : OptionalLong.of(sequence);
  }

  boolean isComplete(long interval, SplitTopology topology) {
    return topology.job().nodes().stream()
        .allMatch(node -> reported(interval, node.id()).isPresent());
  }

  /** Nodes from which nothing came for an open interval, in the order of the chain. */
  List<NodeId> silent(long interval, SplitTopology topology) {
    Map<NodeId, Long> heard = open.getOrDefault(interval, Map.of());
    return topology.job().nodes().stream()
        .map(NodeSpec::id)
        .filter(node -> !heard.containsKey(node))
        .toList();
  }

  void accept(long interval, NodeId node, long sequence) {
    started = true;
    newest = Math.max(newest, interval);
    open.computeIfAbsent(interval, i -> new TreeMap<>()).put(node, sequence);
  }

  void hear(long interval, NodeId node) {
    open.computeIfAbsent(interval, i -> new TreeMap<>()).putIfAbsent(node, HEARD);
  }

  /** Closes everything up to and including an interval. */
  void close(long interval) {
    closed = Math.max(closed, interval);
    open.headMap(interval, true).clear();
  }

  /** Compact bytes for a state store. */
  public byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeBoolean(started);
      out.writeLong(closed);
      out.writeLong(newest);
      out.writeInt(open.size());
      for (Map.Entry<Long, Map<NodeId, Long>> interval : open.entrySet()) {
        out.writeLong(interval.getKey());
        out.writeInt(interval.getValue().size());
        for (Map.Entry<NodeId, Long> node : interval.getValue().entrySet()) {
          out.writeUTF(node.getKey().value());
          out.writeLong(node.getValue());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Reads what {@link #encode} wrote. */
  public static IntervalLedger decode(byte[] bytes) {
    IntervalLedger ledger = new IntervalLedger();
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int version = in.readUnsignedByte();
      if (version != VERSION) {
        throw new IllegalStateException(
            "interval ledger: expected version " + VERSION + ", was " + version);
      }
      ledger.started = in.readBoolean();
      ledger.closed = in.readLong();
      ledger.newest = in.readLong();
      for (int intervals = in.readInt(); intervals > 0; intervals--) {
        Map<NodeId, Long> nodes = new TreeMap<>();
        ledger.open.put(in.readLong(), nodes);
        for (int count = in.readInt(); count > 0; count--) {
          nodes.put(new NodeId(in.readUTF()), in.readLong());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("interval ledger is cut short", e);
    }
    return ledger;
  }
}
