package io.foresplit.runtime.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Compression;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.link.LinkCompressions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CompressionChangeTest {
  private static final NodeId DEVICE = new NodeId("device");
  private static final NodeId EDGE = new NodeId("edge");
  private static final LinkCompressions NEXT =
      new LinkCompressions(3, Map.of(ComponentId.link(DEVICE, EDGE), new Compression(0.2, 6)));

  private final List<String> calls = new ArrayList<>();
  private final Map<String, Integer> failures = new HashMap<>();
  private final Set<NodeId> dead = new HashSet<>();

  @Test
  void stepsAreHeldWhileAllNodesAreTold() throws Exception {
    MoveResult result = run();

    assertThat(result)
        .isEqualTo(
            new MoveResult(
                State.COMMITTED, 7, 42, 0, "from step 11: {device->edge=keep 0.2, 6 bits}", 3));
    assertThat(calls)
        .containsExactly("hold", "commit 3", "compress device 3", "compress edge 3", "resume c1 7");
  }

  @Test
  void aFailureBeforeTheCommitLeavesAllAsItWas() throws Exception {
    for (String call : List.of("hold", "commit 3")) {
      calls.clear();
      failures.put(call, 1);

      MoveResult result = run();

      assertThat(result).isEqualTo(new MoveResult(State.ABORTED, 7, 42, 0, call + " failed", 3));
      assertThat(calls).endsWith("resume c1 7").noneMatch(done -> done.startsWith("compress"));
    }
  }

  @Test
  void whatFailsAfterTheCommitIsRepeatedUntilDone() throws Exception {
    failures.put("compress edge 3", 3);
    failures.put("resume c1 7", 2);

    assertThat(run().state()).isEqualTo(State.COMMITTED);
    assertThat(calls)
        .containsExactly("hold", "commit 3", "compress device 3", "compress edge 3", "resume c1 7");
  }

  @Test
  void aNodeThatHasDiedIsLeftToItsRecovery() throws Exception {
    failures.put("compress edge 3", Integer.MAX_VALUE);
    dead.add(EDGE);

    assertThat(run().state()).isEqualTo(State.COMMITTED);
    assertThat(calls).containsExactly("hold", "commit 3", "compress device 3", "resume c1 7");
  }

  private MoveResult run() throws InterruptedException {
    return new CompressionChange(
            new ActionId("c1"), 7, NEXT, List.of(DEVICE, EDGE), new Nodes(), new Job())
        .run();
  }

  private void call(String call) throws IOException {
    int left = failures.getOrDefault(call, 0);
    if (left > 0) {
      failures.put(call, left - 1);
      throw new IOException(call + " failed");
    }
    calls.add(call);
  }

  /** A clock that goes on by 3 ms whenever it is asked. */
  private final class Job implements CompressionChange.Job {
    private long millis;

    @Override
    public void commit(LinkCompressions next) throws IOException {
      call("commit " + next.revision());
    }

    @Override
    public void pause(Duration time) {
      assertThat(time).isPositive();
    }

    @Override
    public boolean lost(NodeId node) {
      return dead.contains(node);
    }

    @Override
    public long millis() {
      millis += 3;
      return millis;
    }
  }

  /** Nodes that do what they are told, but for the calls that are to fail a number of times. */
  private final class Nodes implements CompressionChange.Senders {
    @Override
    public long hold(ActionId action) throws IOException {
      call("hold");
      return 11;
    }

    @Override
    public void compress(NodeId node, ActionId action, long epoch, LinkCompressions table)
        throws IOException {
      call("compress " + node + " " + table.revision());
    }

    @Override
    public long resume(ActionId action, long epoch) throws IOException {
      call("resume " + action + " " + epoch);
      return 42;
    }
  }
}
