package io.foresplit.runtime.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.coordinator.SimulatedNodes.Failure;
import io.foresplit.runtime.coordinator.SimulatedNodes.Killed;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Moves that fail wherever they can: training always ends on the old or the new placement, with
 * every step done once by every layer. A failing case prints what it was.
 */
class MoveSimulationTest {
  private static final NodeId DEVICE = new NodeId("device");
  private static final NodeId EDGE = new NodeId("edge");
  private static final NodeId CLOUD = new NodeId("cloud");
  private static final List<NodeId> CHAIN = List.of(DEVICE, EDGE, CLOUD);

  private static final List<Failure> FAILURES = List.of(Failure.values());

  // two shifts from one source, and layers that pass a node by
  private static final Placement FROM = Placement.ofCuts(CHAIN, 5, List.of(4, 4));
  private static final Placement TO = Placement.ofCuts(CHAIN, 5, List.of(1, 3));

  /** What one story came to. */
  private record Ending(SimulatedNodes nodes, Optional<MoveResult> result, boolean committed) {}

  @Test
  void whateverFailsOnceTrainingEndsConsistent() throws Exception {
    for (MovePolicy policy : List.of(MovePolicy.standard(), MovePolicy.stopAndCopy())) {
      int calls = play(policy, Map.of()).nodes().calls().size();
      assertThat(calls).isGreaterThan(10);
      for (Failure failure : Failure.values()) {
        for (int call = 0; call < calls; call++) {
          check(policy, Map.of(call, failure));
        }
      }
    }
  }

  @Test
  void whateverFailsTwiceOrThriceTrainingEndsConsistent() throws Exception {
    for (long seed = 0; seed < 5_000; seed++) {
      Random random = new Random(seed);
      Map<Integer, Failure> plan = new HashMap<>();
      for (int i = 0; i < 2 + random.nextInt(2); i++) {
        plan.put(random.nextInt(64), FAILURES.get(random.nextInt(FAILURES.size())));
      }
      check(random.nextBoolean() ? MovePolicy.standard() : MovePolicy.stopAndCopy(), plan);
    }
  }

  @Test
  void commandsThatComeAgainMuchLaterChangeNothing() throws Exception {
    for (long seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      Map<Integer, Failure> plan =
          seed == 0
              ? Map.of()
              : Map.of(random.nextInt(64), FAILURES.get(random.nextInt(FAILURES.size() - 1)));
      Ending ending = play(MovePolicy.standard(), plan);
      ending.nodes().train(3);
      String before = ending.nodes().describe();
      List<SimulatedNodes.Command> late = new ArrayList<>(ending.nodes().sent());
      Collections.shuffle(late, random);
      for (SimulatedNodes.Command command : late) {
        try {
          command.run();
        } catch (IOException refused) {
          assertThat(refused).hasMessageMatching(".+");
        }
      }
      assertThat(ending.nodes().describe()).as("seed %d, plan %s", seed, plan).isEqualTo(before);
    }
  }

  private void check(MovePolicy policy, Map<Integer, Failure> plan) throws Exception {
    Ending ending = play(policy, plan);
    ending.nodes().train(3);
    long epoch = ending.committed() ? 1 : 0;
    Placement placement = ending.committed() ? TO : FROM;
    String story = policy.preCopy() + " " + plan + " " + ending.nodes().calls();
    if (ending.nodes().lost(DEVICE)) {
      // no step can be driven, and the coordinator waits for the data owner
      assertThat(ending.nodes().problemsOfEither(FROM, TO)).as(story).isEmpty();
      return;
    }
    assertThat(ending.nodes().problems(epoch, placement)).as(story).isEmpty();
    ending
        .result()
        .ifPresent(
            result -> {
              assertThat(result.state())
                  .as(story)
                  .isEqualTo(ending.committed() ? State.COMMITTED : State.ABORTED);
              assertThat(result.epoch()).isEqualTo(epoch);
            });
  }

  /** Plays a move, and what a coordinator does that is started again when it was killed. */
  private Ending play(MovePolicy policy, Map<Integer, Failure> plan) throws Exception {
    SimulatedNodes nodes = new SimulatedNodes(CHAIN, FROM, plan);
    LayerMove move = new LayerMove(new ActionId("a1"), 0, FROM, TO);
    boolean[] durable = new boolean[1];
    FakeJob job = new FakeJob(nodes, () -> durable[0] = true);
    try {
      MoveResult result = new MoveProtocol(move, CHAIN, nodes, Runnable::run, policy, job).run();
      return new Ending(nodes, Optional.of(result), durable[0]);
    } catch (Killed e) {
      restart(nodes, move, durable[0]);
      return new Ending(nodes, Optional.empty(), durable[0]);
    }
  }

  /** What {@link JobController} does then: hold, abort what was not committed, activate, resume. */
  private static void restart(SimulatedNodes nodes, LayerMove move, boolean committed) {
    for (int attempt = 0; attempt < 40; attempt++) {
      nodes.nextLife();
      ActionId start = new ActionId("coordinator-start-" + attempt);
      try {
        long nextStep = nodes.hold(start);
        for (NodeId node : CHAIN) {
          if (nodes.lost(node)) {
            continue;
          }
          if (!committed) {
            nodes.abort(node, move.action());
          }
          nodes.activate(
              node,
              committed ? Optional.of(move.action()) : Optional.empty(),
              committed ? 1 : 0,
              committed ? TO : FROM,
              nextStep);
        }
        long unused = nodes.resume(start, committed ? 1 : 0);
        return;
      } catch (IOException | Killed e) {
        if (nodes.lost(DEVICE)) {
          return;
        }
      }
    }
    throw new AssertionError("training does not go on: " + nodes.describe());
  }

  /** A job whose time passes with training. */
  static final class FakeJob implements MoveProtocol.Job {
    private final SimulatedNodes nodes;
    private final Runnable committed;
    private final List<MoveState> states = new ArrayList<>(List.of(MoveState.ACCEPTED));
    private long millis;

    FakeJob(SimulatedNodes nodes, Runnable committed) {
      this.nodes = nodes;
      this.committed = committed;
    }

    List<MoveState> states() {
      return states;
    }

    @Override
    public void commit(LayerMove move, long movedBytes) throws IOException {
      nodes.commit(committed);
    }

    @Override
    public void pause(Duration time) {
      millis += time.toMillis();
      nodes.train(1);
    }

    @Override
    public boolean lost(NodeId node) {
      return nodes.lost(node);
    }

    @Override
    public CopyEstimate estimate(LayerMove.Shift shift) {
      return new CopyEstimate(1_000_000, 1_000, 1e6, 0.01, 0.1, 0.02, 0.08);
    }

    @Override
    public long millis() {
      return millis;
    }

    @Override
    public void entered(MoveState state) {
      states.add(state);
    }
  }
}
