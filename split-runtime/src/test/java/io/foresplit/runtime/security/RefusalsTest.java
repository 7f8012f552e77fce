package io.foresplit.runtime.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.runtime.proto.Done;
import io.foresplit.runtime.proto.StopRequest;
import io.foresplit.runtime.proto.TrainingNodeGrpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RefusalsTest {
  private long now = 5;
  private final List<String> lines = new ArrayList<>();
  private final List<Status> closed = new ArrayList<>();
  private final Refusals refusals = new Refusals(() -> now, lines::add);

  @Test
  void everyCallIsRefusedAndFewLinesTellOfIt() {
    for (int i = 0; i < 1000; i++) {
      refusals.refuse(new Closed(), Refusals.Kind.TOKEN, "no token");
    }
    refusals.refuse(new Closed(), Refusals.Kind.LOAD, "too much");
    now += TimeUnit.SECONDS.toNanos(11);
    refusals.refuse(new Closed(), Refusals.Kind.TOKEN, "no token");

    assertThat(lines)
        .containsExactly(
            "Stop from null is refused: no token",
            "Stop from null is refused: too much",
            "Stop from null is refused: no token (and 999 more before it)");
    assertThat(closed).hasSize(1002);
    assertThat(closed.get(0).getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(closed.get(1000).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  /** A call that knows how it was closed. */
  private final class Closed extends ServerCall<StopRequest, Done> {
    @Override
    public void request(int messages) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(Done message) {}

    @Override
    public void close(Status status, Metadata trailers) {
      closed.add(status);
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public MethodDescriptor<StopRequest, Done> getMethodDescriptor() {
      return TrainingNodeGrpc.getStopMethod();
    }
  }
}
