package io.foresplit.runtime.coordinator;

import io.foresplit.contract.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which nodes are alive, by their heartbeats: one that misses {@value #MISSED_BEATS} is dead, and
 * stays so whatever its process still says; only another process life brings the node back. Pure:
 * times are nanoseconds of any monotonic clock, passed in. Not thread-safe.
 *
 * <p>A process on which training does not count yet may miss {@value #STARTING_BEATS}: it loads and
 * compiles code, builds its model and holds nothing that others wait for. From the moment on which
 * training counts on it, its silence is measured anew.
 *
 * <p>Time in which the coordinator itself stood still is not held against nodes: their beats wait
 * in its queues.
 */
final class FailureDetector {
  /** Heartbeats without which a node is dead. */
  static final int MISSED_BEATS = 3;

  /** Heartbeats without which a process is dead on which training does not count yet. */
  static final int STARTING_BEATS = 10;

  private final long intervalNanos;
  private final Map<NodeId, Life> lives = new TreeMap<>();
  private long lastLook = Long.MIN_VALUE;

  private static final class Life {
    private final String incarnation;
    private long deadline;
    private long lastBeat;
    private boolean countedOn;
    private boolean dead;

    private Life(String incarnation, long now) {
      this.incarnation = incarnation;
      lastBeat = now;
    }
  }

  /**
   * A death.
   *
   * @param incarnation the process life that ended
   * @param silentNanos time since it was last heard of
   */
  record Death(String incarnation, long silentNanos) {}

  /** What a heartbeat is worth. */
  enum Beat {
    /** The node is alive. */
    COUNTED,
    /** The node has not been announced: it is to register. */
    UNKNOWN,
    /** The process was declared dead, or another has taken its place: it is to end. */
    FENCED
  }

  /** No nodes yet. */
  FailureDetector(Duration interval) {
    if (interval.isNegative() || interval.isZero()) {
      throw new IllegalArgumentException("heartbeat must be positive, was " + interval);
    }
    intervalNanos = interval.toNanos();
  }

  /**
   * A process life of a node is there.
   *
   * @return the life before it, when that was not known to be dead
   */
  Optional<String> join(NodeId node, String incarnation, long now) {
    Life old = lives.get(node);
    if (old != null && old.incarnation.equals(incarnation)) {
      return Optional.empty();
    }
    Life life = new Life(incarnation, now);
    allow(life, now);
    lives.put(node, life);
    return old == null || old.dead ? Optional.empty() : Optional.of(old.incarnation);
  }

  /** Training counts on a node from now on; nothing changes when it did before. */
  void countOn(NodeId node, long now) {
    Life life = lives.get(node);
    if (life != null && !life.dead && !life.countedOn) {
      life.countedOn = true;
      allow(life, now);
    }
  }

  private void allow(Life life, long now) {
    life.deadline = now + (life.countedOn ? MISSED_BEATS : STARTING_BEATS) * intervalNanos;
  }

  /** A heartbeat came. */
  Beat beat(NodeId node, String incarnation, long now) {
    Life life = lives.get(node);
    if (life == null) {
      return Beat.UNKNOWN;
    }
    if (life.dead || !life.incarnation.equals(incarnation)) {
      return Beat.FENCED;
    }
    life.lastBeat = now;
    allow(life, now);
    return Beat.COUNTED;
  }

  /**
   * Looks for nodes that have died; to be called several times an interval.
   *
   * @return deaths by node, each told once
   */
  Map<NodeId, Death> look(long now) {
    long stood = lastLook == Long.MIN_VALUE ? 0 : now - lastLook - intervalNanos;
    lastLook = now;
    Map<NodeId, Death> died = new TreeMap<>();
    lives.forEach(
        (node, life) -> {
          if (stood > 0) {
            life.deadline += stood;
          }
          if (!life.dead && now - life.deadline >= 0) {
            life.dead = true;
            died.put(node, new Death(life.incarnation, now - life.lastBeat));
          }
        });
    return died;
  }

  /** Nodes that have joined and are not dead. */
  List<NodeId> alive() {
    List<NodeId> alive = new ArrayList<>();
    lives.forEach(
        (node, life) -> {
          if (!life.dead) {
            alive.add(node);
          }
        });
    return alive;
  }

  boolean alive(NodeId node) {
    Life life = lives.get(node);
    return life != null && !life.dead;
  }
}
