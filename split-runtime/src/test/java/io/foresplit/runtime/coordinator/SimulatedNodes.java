package io.foresplit.runtime.coordinator;

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

  private final List<NodeId> chain;
  private final Map<NodeId, SimulatedNode> nodes = new TreeMap<>();
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

  /**
   * Nodes at epoch 0.
   *
   * @param plan failures by the index of the call
   */
  SimulatedNodes(List<NodeId> chain, Placement placement, Map<Integer, Failure> plan) {
    this.chain = chain;
    this.plan = plan;
    for (NodeId id : chain) {
      nodes.put(id, new SimulatedNode(id, placement, step));
    }
  }

  /** Training goes on, unless it is held; targets replay two steps in the time of one. */
  void train(int steps) {
    for (int i = 0; i < steps && !held; i++) {
      nodes.values().forEach(node -> node.train(step));
      step++;
    }
    nodes.values().forEach(node -> node.replayCopies(step));
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
    nodes.forEach((id, node) -> text.append(dead.contains(id) ? id + " dead" : node).append("; "));
    return text + "step " + step + (held ? " held" : "");
  }

  /** The same of two placements, when nobody is left who could bring all nodes to one of them. */
  List<String> problemsOfEither(Placement old, Placement next) {
    List<String> problems = new ArrayList<>();
    nodes.forEach(
        (id, node) -> {
          if (!dead.contains(id) && !node.isAt(0, old, step) && !node.isAt(1, next, step)) {
            problems.add("wrong: " + node);
          }
        });
    return problems;
  }

  /** Problems of the living nodes with a placement being in force; none when all is well. */
  List<String> problems(long epoch, Placement placement) {
    List<String> problems = new ArrayList<>();
    nodes.forEach(
        (id, node) -> {
          if (!dead.contains(id) && !node.isAt(epoch, placement, step)) {
            problems.add("not at epoch " + epoch + " with its layers: " + node);
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
    T on(SimulatedNode node) throws IOException;
  }

  private <T> T obey(NodeId to, long as, Call<T> effect) throws IOException {
    SimulatedNode node = nodes.get(to);
    node.hear(as);
    return effect.on(node);
  }

  @Override
  public long hold(ActionId action) throws IOException {
    return call(
        chain.get(0),
        "hold",
        node -> {
          node.requireOpen(action);
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
          node.admit(action, epoch);
          node.expect(shifts);
          return true;
        });
  }

  @Override
  public long copy(ActionId action, long epoch, LayerMove.Shift shift) throws IOException {
    return call(
        shift.source(),
        "copy",
        node -> {
          node.admit(action, epoch);
          nodes.get(shift.target()).begin(shift, node.layers(shift), step, corrupt);
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
          node.admit(action, epoch);
          SimulatedNode.Copy copy = nodes.get(shift.target()).copy(shift);
          boolean source = to.equals(shift.source());
          return CopyProgress.newBuilder()
              .setNextStep(source ? step : copy.nextStep())
              .setInstalled(copy.installed(step))
              .setSeconds(copy.seconds(step))
              .setSnapshotBytes(100)
              .setSentBytes(100)
              .setFailure(corrupt ? "chunk 3 of 7 came damaged" : copy.failure())
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
          node.admit(action, epoch);
          if (nextStep != step) {
            throw new IOException("step " + step + ", the command was for " + nextStep);
          }
          return digests(
              to.equals(shift.source()) ? node.layers(shift) : node.replayed(shift, nextStep));
        });
  }

  private TransferResponse digests(Map<Integer, Long> layers) {
    TransferResponse.Builder response = TransferResponse.newBuilder().setSentBytes(150);
    layers.forEach(
        (layer, value) ->
            response.addLayers(SimulatedNode.digest(layer, value + (corrupt ? 1 : 0))));
    return response.build();
  }

  @Override
  public void cancel(NodeId to, ActionId action, long epoch, LayerMove.Shift shift)
      throws IOException {
    call(to, "cancel", node -> node.cancel(shift));
  }

  @Override
  public List<LayerDigest> transfer(ActionId action, long epoch, LayerMove.Shift shift)
      throws IOException {
    return call(
        shift.source(),
        "transfer",
        node -> {
          node.admit(action, epoch);
          Map<Integer, Long> layers = node.layers(shift);
          Map<Integer, Long> received = new TreeMap<>(layers);
          received.replaceAll((layer, value) -> corrupt ? value + 1 : value);
          nodes.get(shift.target()).stage(action, received);
          return layers.entrySet().stream()
              .map(layer -> SimulatedNode.digest(layer.getKey(), layer.getValue()))
              .toList();
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
          node.admit(action, epoch);
          if (nextStep != step || corrupt) {
            throw new IOException("not what was expected");
          }
          node.verify(action, layers);
          return true;
        });
  }

  @Override
  public void activate(
      NodeId to, Optional<ActionId> action, long epoch, Placement placement, long nextStep)
      throws IOException {
    call(
        to,
        "activate",
        node -> {
          node.activate(action, epoch, placement);
          return true;
        });
  }

  @Override
  public void abort(NodeId to, ActionId action) throws IOException {
    call(
        to,
        "abort",
        node -> {
          node.abort(action);
          return true;
        });
  }

  @Override
  public long resume(ActionId action, long epoch) throws IOException {
    return call(
        chain.get(0),
        "resume",
        node -> {
          node.requireEpoch(epoch);
          if (!holder.isEmpty() && !holder.equals(action.value())) {
            if (held || released.contains(action.value())) {
              throw new IOException("held for " + holder);
            }
            holder = action.value();
          }
          held = false;
          released.add(action.value());
          return 42L;
        });
  }
}
