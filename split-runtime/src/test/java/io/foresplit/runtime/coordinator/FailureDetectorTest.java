package io.foresplit.runtime.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.contract.NodeId;
import io.foresplit.runtime.coordinator.FailureDetector.Beat;
import io.foresplit.runtime.coordinator.FailureDetector.Death;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FailureDetectorTest {
  private static final NodeId EDGE = new NodeId("edge");
  private static final NodeId CLOUD = new NodeId("cloud");

  /** Milliseconds; heartbeats come every 100. */
  private long now;

  private final FailureDetector detector = new FailureDetector(Duration.ofMillis(100));

  @BeforeEach
  void nodesJoin() {
    detector.join(EDGE, "e1", nanos());
    detector.join(CLOUD, "c1", nanos());
    assertThat(beat(EDGE, "e1")).isEqualTo(Beat.COUNTED);
    assertThat(beat(CLOUD, "c1")).isEqualTo(Beat.COUNTED);
    detector.countOn(EDGE, nanos());
    detector.countOn(CLOUD, nanos());
  }

  @Test
  void aNodeIsDeadAfterThreeMissedBeatsAndNotBefore() {
    for (now = 10; now < 300; now += 10) {
      assertThat(beat(CLOUD, "c1")).isEqualTo(Beat.COUNTED);
      assertThat(look()).as("at %d ms", now).isEmpty();
    }
    now = 300;

    assertThat(look()).isEqualTo(Map.of(EDGE, new Death("e1", 300_000_000)));
    assertThat(detector.alive()).containsExactly(CLOUD);
    assertThat(look()).isEmpty();
  }

  @Test
  void aDeadProcessStaysDeadWhateverItSays() {
    pass(300, CLOUD, "c1");

    assertThat(beat(EDGE, "e1")).isEqualTo(Beat.FENCED);
    assertThat(detector.join(EDGE, "e1", nanos())).isEmpty();
    assertThat(detector.alive(EDGE)).isFalse();
  }

  @Test
  void anotherProcessLifeBringsTheNodeBack() {
    pass(300, CLOUD, "c1");

    assertThat(detector.join(EDGE, "e2", nanos())).isEmpty();

    assertThat(beat(EDGE, "e2")).isEqualTo(Beat.COUNTED);
    assertThat(beat(EDGE, "e1")).isEqualTo(Beat.FENCED);
    assertThat(detector.alive()).containsExactly(CLOUD, EDGE);
  }

  @Test
  void aProcessThatIsReplacedBeforeItIsMissedIsTold() {
    assertThat(detector.join(EDGE, "e2", nanos())).contains("e1");
    assertThat(beat(EDGE, "e1")).isEqualTo(Beat.FENCED);
  }

  @Test
  void theTimeInWhichTheCoordinatorStoodStillCountsForNobody() {
    assertThat(look()).isEmpty();
    now = 5_000;
    assertThat(look()).isEmpty();
    assertThat(beat(CLOUD, "c1")).isEqualTo(Beat.COUNTED);
    pass(5_300, CLOUD, "c1");
    assertThat(detector.alive()).containsExactly(CLOUD);
  }

  @Test
  void aProcessThatTrainingDoesNotCountOnYetMayMissMoreBeatsAlsoAfterTheFirst() {
    detector.join(EDGE, "e2", nanos());
    pass(400, CLOUD, "c1");
    assertThat(beat(EDGE, "e2")).isEqualTo(Beat.COUNTED);
    long heard = now;
    pass(heard + 990, CLOUD, "c1");
    assertThat(detector.alive(EDGE)).isTrue();
    pass(heard + 1_020, CLOUD, "c1");
    assertThat(detector.alive(EDGE)).isFalse();
  }

  @Test
  void silenceIsMeasuredAnewFromTheMomentOnWhichTrainingCountsOnAProcess() {
    detector.join(EDGE, "e2", nanos());
    pass(900, CLOUD, "c1");

    detector.countOn(EDGE, nanos());
    long since = now;
    pass(since + 100, CLOUD, "c1");
    detector.countOn(EDGE, nanos()); // again: nothing changes by it
    pass(since + 280, CLOUD, "c1");
    assertThat(detector.alive(EDGE)).isTrue();
    pass(since + 300, CLOUD, "c1");
    assertThat(detector.alive(EDGE)).isFalse();
  }

  @Test
  void aNodeThatHasNotJoinedIsToRegister() {
    assertThat(beat(new NodeId("moon"), "m1")).isEqualTo(Beat.UNKNOWN);
    assertThatThrownBy(() -> new FailureDetector(Duration.ZERO))
        .hasMessage("heartbeat must be positive, was PT0S");
  }

  private void pass(long to, NodeId beating, String incarnation) {
    for (; now <= to; now += 20) {
      assertThat(beat(beating, incarnation)).isEqualTo(Beat.COUNTED);
      look();
    }
  }

  private Beat beat(NodeId node, String incarnation) {
    return detector.beat(node, incarnation, nanos());
  }

  private Map<NodeId, Death> look() {
    return detector.look(nanos());
  }

  private long nanos() {
    return now * 1_000_000;
  }
}
