package io.foresplit.runtime.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SplitTopology;
import io.foresplit.runtime.coordinator.RecoveryPlan.GoOn;
import io.foresplit.runtime.coordinator.RecoveryPlan.Provision;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.proto.LayerDigest;
import io.foresplit.runtime.proto.StepRecord;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Three nodes, and the coordinator's calls to them; each call may fail in a planned way, and nodes
 * die and come back between calls. A layer is the step as of which it is.
 */
final class SimulatedSurvivors implements Survivors, RecoveryProtocol.Job {
  /** How a call fails. */
  enum Failure {
    LOST_REQUEST,
    LOST_ANSWER,
    KILLED_BEFORE,
    KILLED_AFTER
  }

  /** The coordinator's end. */
  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private interface Command<T> {
    T run() throws IOException;
  }

  private static final long DONE = 27;

  private final JobSpec job;
  private final Map<NodeId, SimulatedSurvivor> nodes = new LinkedHashMap<>();
  private final Set<NodeId> newcomers = new TreeSet<>();
  private final Map<Integer, Failure> failures = new HashMap<>();
  private final Map<Integer, Consumer<SimulatedSurvivors>> events = new HashMap<>();
  private final List<String> calls = new ArrayList<>();
  private final List<Command<?>> sent = new ArrayList<>();
  private final List<RecoveryState> states = new ArrayList<>();
  private final List<String> waitedFor = new ArrayList<>();
  private Consumer<SimulatedSurvivors> whenWaiting = n -> {};
  private SplitTopology topology;
  private boolean running = true;
  private long version;
  private long seen = -1;
  private long life = 1;
  private long attempts;

  /** The device has a layer, the edge two and the cloud one; each is kept on two nodes. */
  SimulatedSurvivors(JobSpec job) {
    this.job = job;
    List<NodeId> chain = job.nodes().stream().map(NodeSpec::id).toList();
    topology = new SplitTopology(job, 0, Placement.ofCuts(chain, 4, List.of(1, 3)), Instant.EPOCH);
    for (NodeId id : chain) {
      nodes.put(id, SimulatedSurvivor.training(id, DONE));
    }
    keep(chain.get(0), 0, 1, 2, 3);
    keep(chain.get(1), 0, 1, 2);
    keep(chain.get(2), 0, 3);
    for (int layer = 0; layer < 4; layer++) {
      nodes.get(topology.placement().nodeOfLayer().get(layer)).train(layer);
    }
  }

  private void keep(NodeId node, Integer... layers) {
    nodes.get(node).keep(10, layers);
    nodes.get(node).keep(20, layers);
  }

  SimulatedSurvivors failing(int call, Failure failure) {
    failures.put(call, failure);
    return this;
  }

  SimulatedSurvivors at(int call, Consumer<SimulatedSurvivors> event) {
    events.put(call, event);
    return this;
  }

  void whenWaiting(Consumer<SimulatedSurvivors> event) {
    whenWaiting = event;
  }

  void kill(NodeId node) {
    nodes.remove(node);
    newcomers.remove(node);
    running = false;
    version++;
  }

  void comeBack(NodeId node) {
    nodes.put(node, SimulatedSurvivor.empty(node));
    newcomers.add(node);
    version++;
  }

  void nextLife() {
    life++;
  }

  boolean dead(NodeId node) {
    return !nodes.containsKey(node);
  }

  /** Whether members have changed since the last recovery began its last attempt. */
  boolean unseen() {
    return seen != version;
  }

  List<String> calls() {
    return calls;
  }

  List<RecoveryState> states() {
    return states;
  }

  List<String> waitedFor() {
    return waitedFor;
  }

  List<String> transitions() {
    List<String> transitions = new ArrayList<>();
    for (int i = 0; i + 1 < states.size(); i++) {
      transitions.add(states.get(i) + ">" + states.get(i + 1));
    }
    return transitions;
  }

  String describe() {
    StringBuilder text = new StringBuilder();
    nodes.forEach(
        (id, node) ->
            text.append(id)
                .append(" epoch ")
                .append(node.epoch())
                .append(node.layers())
                .append(node.halted() ? " halted; " : "; "));
    return text + (running ? "running" : "held");
  }

  void sendAllAgain() {
    for (Command<?> command : List.copyOf(sent)) {
      try {
        command.run();
      } catch (IOException e) {
        // refused, as it should be
      }
    }
  }

  /** Every layer is on its node, once, and all are of the same step; steps go on. */
  void assertConsistent() {
    Set<Long> steps = new HashSet<>();
    nodes.forEach(
        (id, node) -> {
          assertThat(node.halted()).as(id + " is halted: " + describe()).isFalse();
          if (!newcomers.contains(id)) {
            assertThat(node.epoch()).as(describe()).isEqualTo(topology.epoch());
          }
          Set<Integer> own = new TreeSet<>();
          for (int layer = 0; layer < 4; layer++) {
            if (topology.placement().nodeOfLayer().get(layer).equals(id)) {
              own.add(layer);
            }
          }
          assertThat(node.layers().keySet()).as(describe()).isEqualTo(own);
          steps.addAll(node.layers().values());
        });
    assertThat(nodes.keySet()).containsAll(topology.placement().nodeOfLayer());
    assertThat(steps).as(describe()).hasSize(1);
    assertThat(running).as(describe()).isTrue();
  }

  private <T> T call(String name, NodeId target, Command<T> command) throws IOException {
    int index = calls.size();
    calls.add(name + " " + target);
    return failing(index, target, command);
  }

  private <T> T failing(int index, NodeId target, Command<T> command) throws IOException {
    Consumer<SimulatedSurvivors> event = events.remove(index);
    if (event != null) {
      event.accept(this);
    }
    Failure failure = failures.remove(index);
    if (failure == Failure.KILLED_BEFORE) {
      throw new Killed();
    }
    if (failure == Failure.LOST_REQUEST || !nodes.containsKey(target)) {
      throw new IOException("node " + target + " cannot be reached");
    }
    sent.add(command);
    T answer = command.run();
    if (failure == Failure.KILLED_AFTER) {
      throw new Killed();
    }
    if (failure == Failure.LOST_ANSWER) {
      throw new IOException("node " + target + " does not answer");
    }
    return answer;
  }

  private SimulatedSurvivor node(NodeId id) throws IOException {
    SimulatedSurvivor node = nodes.get(id);
    if (node == null) {
      throw new IOException("node " + id + " is dead");
    }
    return node;
  }

  @Override
  public void welcome(NodeId id, SplitTopology at, LinkCompressions compression, Instant started)
      throws IOException {
    call(
        "welcome",
        id,
        () -> {
          node(id).welcome();
          return true;
        });
  }

  @Override
  public Halted halt(NodeId id, long recovery, long logSince) throws IOException {
    return call(
        "halt",
        id,
        () -> {
          Halted halted = node(id).halt(recovery);
          if (id.equals(job.dataOwner())) {
            running = false;
          }
          return halted;
        });
  }

  @Override
  public void regroup(NodeId id, long revision, List<NodeId> route) throws IOException {
    call("regroup", id, () -> true);
  }

  @Override
  public List<LayerDigest> provide(long recovery, Provision provision, GoOn plan)
      throws IOException {
    NodeId source = provision.source();
    return call("provide", source, () -> node(source).provide(recovery, provision));
  }

  @Override
  public void check(NodeId id, long recovery, long epoch, GoOn plan, List<LayerDigest> arrived)
      throws IOException {
    call(
        "check",
        id,
        () -> {
          node(id).check(recovery, plan, arrived);
          return true;
        });
  }

  @Override
  public void restore(NodeId id, long recovery, long epoch, GoOn plan, LinkCompressions compression)
      throws IOException {
    call(
        "restore",
        id,
        () -> {
          node(id).restore(recovery, epoch, plan);
          return true;
        });
  }

  @Override
  public long resume(long recovery, long epoch) throws IOException {
    return call(
        "resume",
        job.dataOwner(),
        () -> {
          node(job.dataOwner()).resume(recovery, epoch);
          running = true;
          return 5L;
        });
  }

  @Override
  public LinkCompressions compression() {
    return LinkCompressions.none();
  }

  @Override
  public RecoveryProtocol.Members members() {
    return new RecoveryProtocol.Members(
        version,
        job.nodes().stream().map(NodeSpec::id).filter(nodes::containsKey).toList(),
        List.copyOf(newcomers));
  }

  @Override
  public void welcomed(NodeId node, RecoveryProtocol.Members since) {
    if (since.version() == version) {
      newcomers.remove(node);
    }
  }

  @Override
  public long nextRecovery() {
    seen = version;
    return (life << 20) + ++attempts;
  }

  @Override
  public SplitTopology topology() {
    return topology;
  }

  @Override
  public long stepsKnown() {
    return 25;
  }

  @Override
  public void logged(long since, List<StepRecord> steps) {}

  @Override
  public Instant started() {
    return Instant.EPOCH;
  }

  @Override
  public void commit(GoOn plan) throws IOException {
    int index = calls.size();
    calls.add("commit");
    failing(
        index,
        nodes.keySet().iterator().next(),
        () -> {
          sent.remove(sent.size() - 1); // nobody sends a commit again
          topology = new SplitTopology(job, topology.epoch() + 1, plan.placement(), Instant.EPOCH);
          return true;
        });
  }

  @Override
  public void awaitChange(RecoveryProtocol.Members since) {
    whenWaiting.accept(this);
    assertThat(version).isNotEqualTo(since.version());
  }

  @Override
  public void pause(Duration time, RecoveryProtocol.Members since) {}

  @Override
  public void entered(RecoveryState state, String detail) {
    states.add(state);
    if (state == RecoveryState.WAITING) {
      waitedFor.add(detail);
    }
  }
}
