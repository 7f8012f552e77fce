package io.foresplit.runtime.coordinator;

import com.google.protobuf.ByteString;
import io.foresplit.contract.ActionId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.proto.LayerDigest;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * One of {@link SimulatedNodes}: its layers, of one number each in which each step leaves its mark,
 * and what commands do to them. It refuses what a real node refuses.
 */
final class SimulatedNode {
  private static final int STEPS_TO_INSTALL = 12;

  private final NodeId id;
  private final Map<String, Map<Integer, Long>> staged = new HashMap<>();
  private final Map<LayerMove.Shift, Copy> copies = new HashMap<>();
  private final Set<String> ended = new HashSet<>();
  private Map<Integer, Long> layers;
  private Placement placement;
  private long epoch;
  private long life;

  /** A pre-copy on its target. */
  static final class Copy {
    private final Map<Integer, Long> layers = new TreeMap<>();
    private long firstStep = -1;
    private long nextStep;
    private boolean matched;
    private String failure = "";

    boolean begun() {
      return firstStep >= 0;
    }

    boolean installed(long step) {
      return begun() && step - firstStep >= STEPS_TO_INSTALL;
    }

    double seconds(long step) {
      return (step - firstStep) * 0.1;
    }

    long nextStep() {
      return nextStep;
    }

    String failure() {
      return failure;
    }

    private void begin(Map<Integer, Long> snapshot, long step) {
      layers.putAll(snapshot);
      firstStep = step;
      nextStep = step;
    }

    private void replay(long to) {
      while (begun() && failure.isEmpty() && nextStep < to) {
        mark(layers, nextStep);
        nextStep++;
      }
    }
  }

  /** At epoch 0, before a step. */
  SimulatedNode(NodeId id, Placement placement, long step) {
    this.id = id;
    this.placement = placement;
    layers = expected(placement, step);
  }

  private static void mark(Map<Integer, Long> layers, long step) {
    layers.replaceAll((layer, value) -> (value ^ step) * 0x9E3779B97F4A7C15L + 1);
  }

  /** What this node should have of a placement once all steps before one have been done. */
  private Map<Integer, Long> expected(Placement of, long nextStep) {
    Map<Integer, Long> expected = new TreeMap<>();
    for (int layer = 0; layer < of.nodeOfLayer().size(); layer++) {
      if (of.nodeOfLayer().get(layer).equals(id)) {
        expected.put(layer, (long) layer);
      }
    }
    for (long step = 0; step < nextStep; step++) {
      mark(expected, step);
    }
    return expected;
  }

  /** Whether it is at an epoch with a placement, and has of it what it should. */
  boolean isAt(long wantedEpoch, Placement wanted, long step) {
    return epoch == wantedEpoch
        && placement.equals(wanted)
        && layers.equals(expected(wanted, step));
  }

  @Override
  public String toString() {
    return id + " epoch " + epoch + " " + layers;
  }

  void train(long step) {
    mark(layers, step);
  }

  /** Replays two steps of each copy in the time of one. */
  void replayCopies(long step) {
    for (Copy copy : copies.values()) {
      if (copy.installed(step)) {
        copy.replay(Math.min(step - 1, copy.nextStep + 2));
      }
    }
  }

  /** Refuses an earlier life of the coordinator than it has heard of. */
  void hear(long as) throws IOException {
    if (as < life) {
      throw new IOException("a command of life " + as + ", life " + life + " has spoken");
    }
    life = as;
  }

  void requireOpen(ActionId action) throws IOException {
    if (ended.contains(action.value())) {
      throw new IOException("action " + action + " is over");
    }
  }

  void requireEpoch(long wanted) throws IOException {
    if (wanted != epoch) {
      throw new IOException("epoch " + epoch + ", the command was for " + wanted);
    }
  }

  void admit(ActionId action, long wanted) throws IOException {
    requireOpen(action);
    requireEpoch(wanted);
  }

  void expect(List<LayerMove.Shift> shifts) {
    shifts.forEach(shift -> copies.putIfAbsent(shift, new Copy()));
  }

  /** The copy of a shift to here. */
  Copy copy(LayerMove.Shift shift) throws IOException {
    Copy copy = copies.get(shift);
    if (copy == null) {
      throw new IOException("no such copy");
    }
    return copy;
  }

  boolean cancel(LayerMove.Shift shift) {
    return copies.remove(shift) != null;
  }

  /** Takes the snapshot of a copy that it expects and has not had. */
  void begin(LayerMove.Shift shift, Map<Integer, Long> snapshot, long step, boolean damaged) {
    Copy copy = copies.get(shift);
    if (copy != null && !copy.begun()) {
      copy.begin(snapshot, step);
      copy.failure = damaged ? "chunk 0 of 1 came damaged" : "";
    }
  }

  /** The layers of a shift, as they are here. */
  Map<Integer, Long> layers(LayerMove.Shift shift) {
    Map<Integer, Long> some = new TreeMap<>();
    for (int layer = shift.firstLayer(); layer <= shift.lastLayer(); layer++) {
      some.put(layer, layers.get(layer));
    }
    return some;
  }

  /** The layers of a copy, when all steps before one are replayed. */
  Map<Integer, Long> replayed(LayerMove.Shift shift, long nextStep) throws IOException {
    Copy copy = copy(shift);
    if (!copy.failure.isEmpty()) {
      throw new IOException("no such copy");
    }
    copy.replay(nextStep);
    copy.matched = true;
    return copy.layers;
  }

  void stage(ActionId action, Map<Integer, Long> values) {
    if (!ended.contains(action.value())) {
      staged.computeIfAbsent(action.value(), a -> new TreeMap<>()).putAll(values);
    }
  }

  void verify(ActionId action, List<LayerDigest> wanted) throws IOException {
    Map<Integer, Long> here = come(action);
    for (LayerDigest layer : wanted) {
      Long value = here.get(layer.getLayer());
      if (value == null || !digest(layer.getLayer(), value).equals(layer)) {
        throw new IOException("layer " + layer.getLayer() + ": checksums differ");
      }
    }
  }

  static LayerDigest digest(int layer, long value) {
    return LayerDigest.newBuilder()
        .setLayer(layer)
        .setSize(100)
        .setSha256(ByteString.copyFromUtf8(Long.toString(value)))
        .build();
  }

  private Map<Integer, Long> come(ActionId action) {
    Map<Integer, Long> come = new TreeMap<>();
    copies.values().stream().filter(copy -> copy.matched).forEach(copy -> come.putAll(copy.layers));
    come.putAll(staged.getOrDefault(action.value(), Map.of()));
    return come;
  }

  void activate(Optional<ActionId> action, long wanted, Placement next) throws IOException {
    if (wanted != epoch || !next.equals(placement)) {
      if (wanted != epoch + 1) {
        throw new IOException("expected epoch " + (epoch + 1) + ", was " + wanted);
      }
      Map<Integer, Long> come = action.map(this::come).orElse(Map.of());
      Map<Integer, Long> kept = expected(next, 0);
      for (int layer : List.copyOf(kept.keySet())) {
        Long value = layers.getOrDefault(layer, come.get(layer));
        if (value == null) {
          throw new IOException("layer " + layer + " is not on node " + id);
        }
        kept.put(layer, value);
      }
      layers = kept;
      epoch = wanted;
      placement = next;
      copies.clear();
    }
    action.ifPresent(this::end);
  }

  private void end(ActionId action) {
    ended.add(action.value());
    staged.remove(action.value());
  }

  void abort(ActionId action) {
    if (!ended.contains(action.value())) {
      copies.clear();
    }
    end(action);
  }
}
