package io.foresplit.runtime.coordinator;

import com.google.protobuf.ByteString;
import io.foresplit.contract.ActionId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.proto.CopyProgress;
import io.foresplit.runtime.proto.LayerDigest;
import io.foresplit.runtime.proto.TransferResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Nodes that train a model of one number a layer, in which each step leaves its mark: a layer that
 * misses a step, does one twice or is of another time than the rest is told at once. They obey
 * commands as real nodes do; each call may fail in a planned way. Training goes on between calls.
 */
final class SimulatedNodes implements Segments {
  /** How a call fails. */
  enum Failure {
    /** The node does not get it. */
    LOST_REQUEST,
    /** The node does it, the coordinator does not hear of it. */
    LOST_ANSWER,
    /** The node cannot be reached for some time. */
    CUT,
    /** What the node sends or has received is not what it was. */
    CORRUPTED,
    /** The coordinator is killed before the node gets it. */
    KILLED_BEFORE,
    /** The coordinator is killed after the node has done it. */
    KILLED_AFTER,
    /** The node is dead from now on. */
    DEAD
  }

  /** The coordinator's end. */
  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** A call that can be made again, however late. */
  interface Command {
    void run() throws IOException;
  }

  private static final int CALLS_CUT = 3;
  private static final int STEPS_TO_INSTALL = 12;

  private final List<NodeId> chain;
  private final Map<NodeId, Node> nodes = new TreeMap<>();
  private final Map<Integer, Failure> plan;
  private final Set<NodeId> dead = new HashSet<>();
  private final Map<NodeId, Integer> cut = new HashMap<>();
  private final List<Command> sent = new ArrayList<>();
  private final List<String> calls = new ArrayList<>();
  private long life = 1;
  private long step = 10;
  private boolean held;
  private String holder = "";
  private final Set<String> released = new HashSet<>();
  private boolean corrupt;

  private static final class Node {
    private long epoch;
    private Placement placement;
    private Map<Integer, Long> layers = new TreeMap<>();
    private final Map<String, Map<Integer, Long>> staged = new HashMap<>();
    private final Map<LayerMove.Shift, Copy> copies = new HashMap<>();
    private final Set<String> ended = new HashSet<>();
    private long life;
  }

  /** A pre-copy on its target. */
  private static final class Copy {
    private final Map<Integer, Long> layers = new TreeMap<>();
    private long firstStep = -1;
    private long nextStep;
    private boolean matched;
    private String failure = "";
  }

  /**
   * Nodes at epoch 0.
   *
   * @param plan failures by the index of the call
   */
  SimulatedNodes(List<NodeId> chain, Placement placement, Map<Integer, Failure> plan) {
    this.chain = chain;
    this.plan = plan;
    for (NodeId id : chain) {
      Node node = new Node();
      node.placement = placement;
      for (int layer = 0; layer < placement.nodeOfLayer().size(); layer++) {
        if (placement.nodeOfLayer().get(layer).equals(id)) {
          node.layers.put(layer, valueAt(layer, step));
        }
      }
      nodes.put(id, node);
    }
  }

  /** What a layer is once all steps before one have been done. */
  private static long valueAt(int layer, long nextStep) {
    long value = layer;
    for (long s = 0; s < nextStep; s++) {
      value = mark(value, s);
    }
    return value;
  }

  private static long mark(long value, long step) {
    return (value ^ step) * 0x9E3779B97F4A7C15L + 1;
  }

  /** Training goes on, unless it is held; targets replay two steps in the time of one. */
  void train(int steps) {
    for (int i = 0; i < steps && !held; i++) {
      for (Node node : nodes.values()) {
        node.layers.replaceAll((layer, value) -> mark(value, step));
      }
      step++;
    }
    for (Node node : nodes.values()) {
      for (Copy copy : node.copies.values()) {
        if (installed(copy)) {
          replay(copy, Math.min(step - 1, copy.nextStep + 2));
        }
      }
    }
  }

  private boolean installed(Copy copy) {
    return copy.firstStep >= 0 && step - copy.firstStep >= STEPS_TO_INSTALL;
  }

  private static void replay(Copy copy, long to) {
    while (copy.firstStep >= 0 && copy.failure.isEmpty() && copy.nextStep < to) {
      long at = copy.nextStep;
      copy.layers.replaceAll((layer, value) -> mark(value, at));
      copy.nextStep++;
    }
  }

  boolean lost(NodeId node) {
    return dead.contains(node);
  }

  /** Names of the calls made. */
  List<String> calls() {
    return calls;
  }

  /** Every command there was, to be sent again much later. */
  List<Command> sent() {
    return List.copyOf(sent);
  }

  /** The coordinator is started again: its commands are of the next life. */
  void nextLife() {
    life++;
  }

  /** One word of what is in force, or what is wrong. */
  String describe() {
    StringBuilder text = new StringBuilder();
    nodes.forEach(
        (id, node) ->
            text.append(
                dead.contains(id)
                    ? id + " dead; "
                    : id + " epoch " + node.epoch + " " + node.layers + "; "));
    return text + "step " + step + (held ? " held" : "");
  }

  /** The same of two placements, when nobody is left who could bring all nodes to one of them. */
  List<String> problemsOfEither(Placement old, Placement next) {
    List<String> problems = new ArrayList<>();
    nodes.forEach(
        (id, node) -> {
          boolean one =
              node.epoch == 0
                  ? node.placement.equals(old)
                  : node.epoch == 1 && node.placement.equals(next);
          if (!dead.contains(id) && (!one || !node.layers.equals(expected(id, node.placement)))) {
            problems.add(id + " at epoch " + node.epoch + " has " + node.layers);
          }
        });
    return problems;
  }

  private Map<Integer, Long> expected(NodeId id, Placement placement) {
    Map<Integer, Long> expected = new TreeMap<>();
    for (int layer = 0; layer < placement.nodeOfLayer().size(); layer++) {
      if (placement.nodeOfLayer().get(layer).equals(id)) {
        expected.put(layer, valueAt(layer, step));
      }
    }
    return expected;
  }

  /** Problems of the living nodes with a placement being in force; none when all is well. */
  List<String> problems(long epoch, Placement placement) {
    List<String> problems = new ArrayList<>();
    nodes.forEach(
        (id, node) -> {
          if (dead.contains(id)) {
            return;
          }
          if (node.epoch != epoch || !node.placement.equals(placement)) {
            problems.add(id + " is at epoch " + node.epoch + ", not " + epoch);
          }
          if (!node.layers.equals(expected(id, placement))) {
            problems.add(id + " has " + node.layers + ", not " + expected(id, placement));
          }
        });
    if (held) {
      problems.add("training is held for " + holder);
    }
    return problems;
  }

  /** The coordinator's own durable write. */
  void commit(Runnable write) throws IOException {
    Failure failure = plan.get(calls.size());
    calls.add("commit");
    if (failure == Failure.KILLED_BEFORE) {
      throw new Killed();
    }
    if (failure == Failure.LOST_REQUEST) {
      throw new IOException("the disk is full");
    }
    write.run();
    if (failure == Failure.KILLED_AFTER) {
      throw new Killed();
    }
  }

  /** Makes a call: this is where things fail. */
  private <T> T call(NodeId to, String name, Call<T> effect) throws IOException {
    Failure failure = plan.get(calls.size());
    calls.add(name + " " + to);
    train(1);
    if (failure == Failure.KILLED_BEFORE) {
      throw new Killed();
    }
    if (failure == Failure.DEAD) {
      dead.add(to);
    }
    if (failure == Failure.CUT) {
      cut.put(to, CALLS_CUT);
    }
    int away = cut.merge(to, -1, Integer::sum);
    if (dead.contains(to) || away >= 0 || failure == Failure.LOST_REQUEST) {
      throw new IOException("node " + to + " does not answer");
    }
    long as = life;
    sent.add(() -> obey(to, as, effect));
    corrupt = failure == Failure.CORRUPTED;
    T answer = obey(to, as, effect);
    corrupt = false;
    if (failure == Failure.KILLED_AFTER) {
      throw new Killed();
    }
    if (failure == Failure.LOST_ANSWER) {
      throw new IOException("node " + to + " does not answer");
    }
    return answer;
  }

  private interface Call<T> {
    T on(Node node) throws IOException;
  }

  private <T> T obey(NodeId to, long as, Call<T> effect) throws IOException {
    Node node = nodes.get(to);
    if (as < node.life) {
      throw new IOException("a command of life " + as + ", life " + node.life + " has spoken");
    }
    node.life = as;
    return effect.on(node);
  }

  private static void admit(Node node, ActionId action, long epoch) throws IOException {
    if (node.ended.contains(action.value())) {
      throw new IOException("action " + action + " is over");
    }
    if (epoch != node.epoch) {
      throw new IOException("epoch " + node.epoch + ", the command was for " + epoch);
    }
  }

  @Override
  public long hold(ActionId action) throws IOException {
    return call(
        chain.get(0),
        "hold",
        node -> {
          admit(node, action, node.epoch);
          if (released.contains(action.value())) {
            throw new IOException("steps have gone on already");
          }
          held = true;
          holder = action.value();
          return step;
        });
  }

  @Override
  public void expect(
      NodeId to, ActionId action, long epoch, Placement target, List<LayerMove.Shift> shifts)
      throws IOException {
    call(
        to,
        "expect",
        node -> {
          admit(node, action, epoch);
          shifts.forEach(shift -> node.copies.putIfAbsent(shift, new Copy()));
          return true;
        });
  }

  @Override
  public long copy(ActionId action, long epoch, LayerMove.Shift shift) throws IOException {
    return call(
        shift.source(),
        "copy",
        node -> {
          admit(node, action, epoch);
          Copy copy = nodes.get(shift.target()).copies.get(shift);
          if (copy != null && copy.firstStep < 0) {
            for (int layer = shift.firstLayer(); layer <= shift.lastLayer(); layer++) {
              copy.layers.put(layer, node.layers.get(layer));
            }
            copy.firstStep = step;
            copy.nextStep = step;
            if (corrupt) {
              copy.failure = "chunk 0 of 1 came damaged";
            }
          }
          return step;
        });
  }

  @Override
  public CopyProgress observe(NodeId to, ActionId action, long epoch, LayerMove.Shift shift)
      throws IOException {
    return call(
        to,
        "observe",
        node -> {
          admit(node, action, epoch);
          Copy copy = nodes.get(shift.target()).copies.get(shift);
          if (copy == null) {
            throw new IOException("no such copy");
          }
          boolean source = to.equals(shift.source());
          return CopyProgress.newBuilder()
              .setNextStep(source ? step : copy.nextStep)
              .setInstalled(installed(copy))
              .setSeconds((step - copy.firstStep) * 0.1)
              .setSnapshotBytes(100)
              .setSentBytes(100)
              .setFailure(corrupt ? "chunk 3 of 7 came damaged" : copy.failure)
              .build();
        });
  }

  @Override
  public TransferResponse digest(
      NodeId to, ActionId action, long epoch, LayerMove.Shift shift, long nextStep, Duration limit)
      throws IOException {
    return call(
        to,
        "digest",
        node -> {
          admit(node, action, epoch);
          if (nextStep != step) {
            throw new IOException("step " + step + ", the command was for " + nextStep);
          }
          if (to.equals(shift.source())) {
            return digests(shift, node.layers);
          }
          Copy copy = node.copies.get(shift);
          if (copy == null || !copy.failure.isEmpty()) {
            throw new IOException("no such copy");
          }
          replay(copy, nextStep);
          copy.matched = true;
          return digests(shift, copy.layers);
        });
  }

  private TransferResponse digests(LayerMove.Shift shift, Map<Integer, Long> layers) {
    TransferResponse.Builder response = TransferResponse.newBuilder().setSentBytes(150);
    for (int layer = shift.firstLayer(); layer <= shift.lastLayer(); layer++) {
      response.addLayers(digest(layer, layers.get(layer) + (corrupt ? 1 : 0)));
    }
    return response.build();
  }

  private static LayerDigest digest(int layer, long value) {
    return LayerDigest.newBuilder()
        .setLayer(layer)
        .setSize(100)
        .setSha256(ByteString.copyFromUtf8(Long.toString(value)))
        .build();
  }

  @Override
  public void cancel(NodeId to, ActionId action, long epoch, LayerMove.Shift shift)
      throws IOException {
    call(to, "cancel", node -> node.copies.remove(shift) != null);
  }

  @Override
  public List<LayerDigest> transfer(ActionId action, long epoch, LayerMove.Shift shift)
      throws IOException {
    return call(
        shift.source(),
        "transfer",
        node -> {
          admit(node, action, epoch);
          List<LayerDigest> digests = new ArrayList<>();
          Node target = nodes.get(shift.target());
          for (int layer = shift.firstLayer(); layer <= shift.lastLayer(); layer++) {
            long value = node.layers.get(layer);
            if (!target.ended.contains(action.value())) {
              target
                  .staged
                  .computeIfAbsent(action.value(), a -> new TreeMap<>())
                  .put(layer, corrupt ? value + 1 : value);
            }
            digests.add(digest(layer, value));
          }
          return digests;
        });
  }

  @Override
  public void verify(
      NodeId to,
      ActionId action,
      long epoch,
      Placement target,
      List<LayerDigest> layers,
      long nextStep)
      throws IOException {
    call(
        to,
        "verify",
        node -> {
          admit(node, action, epoch);
          if (nextStep != step || corrupt) {
            throw new IOException("not what was expected");
          }
          Map<Integer, Long> here = come(node, action);
          for (LayerDigest layer : layers) {
            Long value = here.get(layer.getLayer());
            if (value == null || !digest(layer.getLayer(), value).equals(layer)) {
              throw new IOException("layer " + layer.getLayer() + ": checksums differ");
            }
          }
          return true;
        });
  }

  private static Map<Integer, Long> come(Node node, ActionId action) {
    Map<Integer, Long> come = new TreeMap<>();
    node.copies.values().stream()
        .filter(copy -> copy.matched)
        .forEach(copy -> come.putAll(copy.layers));
    come.putAll(node.staged.getOrDefault(action.value(), Map.of()));
    return come;
  }

  @Override
  public void activate(
      NodeId to, Optional<ActionId> action, long epoch, Placement placement, long nextStep)
      throws IOException {
    call(
        to,
        "activate",
        node -> {
          if (epoch == node.epoch && placement.equals(node.placement)) {
            action.ifPresent(a -> end(node, a));
            return true;
          }
          if (epoch != node.epoch + 1) {
            throw new IOException("expected epoch " + (node.epoch + 1) + ", was " + epoch);
          }
          Map<Integer, Long> come = action.map(a -> come(node, a)).orElse(Map.of());
          Map<Integer, Long> next = new TreeMap<>();
          for (int layer = 0; layer < placement.nodeOfLayer().size(); layer++) {
            if (placement.nodeOfLayer().get(layer).equals(to)) {
              Long value = node.layers.getOrDefault(layer, come.get(layer));
              if (value == null) {
                throw new IOException("layer " + layer + " is not on node " + to);
              }
              next.put(layer, value);
            }
          }
          node.layers = next;
          node.epoch = epoch;
          node.placement = placement;
          action.ifPresent(a -> end(node, a));
          node.copies.clear();
          return true;
        });
  }

  private static void end(Node node, ActionId action) {
    node.ended.add(action.value());
    node.staged.remove(action.value());
  }

  @Override
  public void abort(NodeId to, ActionId action) throws IOException {
    call(
        to,
        "abort",
        node -> {
          if (node.ended.add(action.value())) {
            node.copies.clear();
          }
          node.staged.remove(action.value());
          return true;
        });
  }

  @Override
  public long resume(ActionId action, long epoch) throws IOException {
    return call(
        chain.get(0),
        "resume",
        node -> {
          if (epoch != node.epoch) {
            throw new IOException("epoch " + node.epoch + ", the command was for " + epoch);
          }
          if (!holder.isEmpty() && !holder.equals(action.value())) {
            throw new IOException("held for " + holder);
          }
          held = false;
          released.add(action.value());
          return 42L;
        });
  }
}
