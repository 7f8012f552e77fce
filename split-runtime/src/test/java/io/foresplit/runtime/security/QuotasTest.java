package io.foresplit.runtime.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class QuotasTest {
  private static final Limits LIMITS = new Limits(1000, 100, 4, 2, 5, 3, 10, 100, 10);

  private final Quotas quotas = new Quotas(LIMITS);
  private final List<String> ended = new ArrayList<>();

  private Quotas.Verdict stream(String caller, double seconds) {
    return quotas.admit(caller, true, nanos(seconds), ended::add);
  }

  private Quotas.Verdict call(String caller, double seconds) {
    return quotas.admit(caller, false, nanos(seconds), ended::add);
  }

  private static long nanos(double seconds) {
    return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  void oneCallerHasItsShareOfStreamsAndNoMore() {
    assertThat(stream("a", 0).held()).isPresent();
    assertThat(stream("a", 0).held()).isPresent();
    assertThat(stream("a", 1))
        .matches(v -> v.held().isEmpty())
        .matches(v -> v.refusal().equals("2 streams of this caller are open"));

    assertThat(stream("b", 1).held()).isPresent();
    assertThat(stream("c", 1).held()).isPresent();
    assertThat(stream("d", 1).refusal()).isEqualTo("4 streams are open");
    assertThat(quotas.openStreams()).isEqualTo(4);
  }

  @Test
  void theStreamThatWasSilentLongestMakesRoom() {
    Quotas.Held silent = stream("a", 0).held().orElseThrow();
    Quotas.Held heard = stream("a", 0).held().orElseThrow();
    quotas.heard(heard, nanos(9));

    Quotas.Verdict next = stream("a", 10);

    assertThat(next.held()).isPresent();
    assertThat(next.evicted()).contains(silent);
    assertThat(quotas.openStreams()).isEqualTo(2);
    quotas.release(silent); // what was taken from it is not given back twice
    assertThat(quotas.openStreams()).isEqualTo(2);
    next.evicted().ifPresent(Quotas.Held::end);
    assertThat(ended).containsExactly("the stream was silent while others waited for its place");
    assertThat(stream("a", 11).held()).isEmpty();
  }

  @Test
  void callsUnderWayAreBounded() {
    Quotas.Held first = call("a", 0).held().orElseThrow();
    call("a", 0);
    call("a", 0);
    assertThat(call("a", 0).refusal()).isEqualTo("3 calls of this caller are under way");
    assertThat(call("b", 0).held()).isPresent();
    assertThat(call("b", 0).held()).isPresent();
    assertThat(call("c", 0).refusal()).isEqualTo("5 calls are under way");

    quotas.release(first);
    assertThat(call("c", 0).held()).isPresent();
  }

  @Test
  void aCallThatNeverSendsItsMessageMakesRoomAndOneUnderWayDoesNot() {
    Quotas.Held working = call("a", 0).held().orElseThrow();
    quotas.heard(working, nanos(0));
    Quotas.Held halfOpen = call("a", 1).held().orElseThrow();
    call("a", 1);
    assertThat(call("a", 5).held()).isEmpty();

    Quotas.Verdict next = call("a", 7);

    assertThat(next.held()).isPresent();
    assertThat(next.evicted()).contains(halfOpen);
    next.evicted().ifPresent(Quotas.Held::end);
    assertThat(ended).containsExactly("the call was silent while others waited for its place");
  }

  @Test
  void callsAreBoundedInTimeWithABurstOfTwoSeconds() {
    assertThat(admitted("a", 100, 0)).isEqualTo(20);
    assertThat(call("a", 0).refusal()).isEqualTo("more than 10 calls a second");
    assertThat(admitted("b", 1, 0)).isEqualTo(1);
    assertThat(admitted("a", 100, 1)).isEqualTo(10);
    assertThat(admitted("a", 100, 1000)).isEqualTo(20);
    // a clock that is set back gives nothing and breaks nothing
    assertThat(admitted("a", 100, 900)).isZero();
    assertThat(admitted("a", 100, 901)).isEqualTo(10);
  }

  @Test
  void callersThatCameAndWentAreForgotten() {
    for (int i = 0; i < 100_000; i++) {
      Optional<Quotas.Held> held = call("caller " + i, i * 0.002).held();
      assertThat(held).as("caller %s", i).isPresent();
      quotas.release(held.get());
    }
    for (int i = 0; i < 2_000; i++) {
      call("at once " + i, 1000).held().ifPresent(quotas::release);
    }
    assertThat(call("one too many", 1000).refusal()).isEqualTo("too many callers");
  }

  private int admitted(String caller, int calls, double seconds) {
    int admitted = 0;
    for (int i = 0; i < calls; i++) {
      Optional<Quotas.Held> held = call(caller, seconds).held();
      held.ifPresent(quotas::release);
      admitted += held.isPresent() ? 1 : 0;
    }
    return admitted;
  }
}
