package io.foresplit.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.runtime.proto.FenceRequest;
import io.foresplit.runtime.proto.FenceResponse;
import io.foresplit.runtime.proto.TrainingCoordinatorGrpc;
import io.foresplit.runtime.security.GrpcSecurity;
import io.foresplit.runtime.security.Limits;
import io.foresplit.runtime.security.ServerGuard;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RpcTest {
  @Test
  void whatWasBegunIsNotCancelledWithItsCaller() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch callerGone = new CountDownLatch(1);
    CompletableFuture<Boolean> cancelled = new CompletableFuture<>();
    ExecutorService calls = Executors.newCachedThreadPool();
    Server server =
        Rpc.serve(
            Rpc.DEFAULT_HOST,
            0,
            new ServerGuard(
                GrpcSecurity.plaintext(), Limits.ofCoordinator(Cluster.job()), System::nanoTime),
            calls,
            new TrainingCoordinatorGrpc.TrainingCoordinatorImplBase() {
              @Override
              public void fence(FenceRequest request, StreamObserver<FenceResponse> caller) {
                Rpc.answer(
                    caller,
                    () -> {
                      begun.countDown();
                      callerGone.await();
                      cancelled.complete(Context.current().isCancelled());
                      return FenceResponse.getDefaultInstance();
                    });
              }
            });
    ManagedChannel channel =
        Rpc.connect(
            "127.0.0.1:" + server.getPort(),
            Limits.ANSWER_BYTES,
            GrpcSecurity.plaintext(),
            GrpcSecurity.COORDINATOR);
    try (Context.CancellableContext context = Context.current().withCancellation()) {
      CompletableFuture<Void> call =
          CompletableFuture.runAsync(
              () ->
                  context.run(
                      () -> {
                        FenceResponse unused =
                            TrainingCoordinatorGrpc.newBlockingStub(channel)
                                .fence(FenceRequest.getDefaultInstance());
                      }),
              calls);
      assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
      context.cancel(null);
      assertThatThrownBy(() -> call.get(20, TimeUnit.SECONDS))
          .hasCauseInstanceOf(StatusRuntimeException.class);
      // the channel's end has reached the server when it is closed
      Rpc.close(channel);
      callerGone.countDown();
      assertThat(cancelled.get(20, TimeUnit.SECONDS)).isFalse();
    } finally {
      Rpc.close(server);
      calls.shutdownNow();
    }
  }

  /** gRPC by itself makes its sixth attempt after 12 s at the earliest, and then ever later. */
  @Test
  void aFarEndThatIsAwayIsTriedAgainAtShortIntervals() throws Exception {
    CountDownLatch attempts = new CountDownLatch(6);
    ManagedChannel channel;
    try (ServerSocket away = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      Thread refusing =
          new Thread(
              () -> {
                while (!away.isClosed()) {
                  try {
                    away.accept().close();
                    attempts.countDown();
                  } catch (IOException e) {
                    return;
                  }
                }
              },
              "refusing");
      refusing.setDaemon(true);
      refusing.start();
      channel =
          Rpc.connect(
              "127.0.0.1:" + away.getLocalPort(),
              Limits.ANSWER_BYTES,
              GrpcSecurity.plaintext(),
              GrpcSecurity.COORDINATOR);
      channel.getState(true);

      assertThat(attempts.await(9, TimeUnit.SECONDS)).isTrue();
    }
    Rpc.close(channel);
  }

  @Test
  void aHostThatIsNotThereIsNamed() {
    assertThatThrownBy(
            () ->
                Rpc.serve(
                    "no such host",
                    0,
                    new ServerGuard(
                        GrpcSecurity.plaintext(),
                        Limits.ofCoordinator(Cluster.job()),
                        System::nanoTime),
                    Executors.newSingleThreadExecutor(),
                    new TrainingCoordinatorGrpc.TrainingCoordinatorImplBase() {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot listen on no such host:0: no such host");
  }
}
