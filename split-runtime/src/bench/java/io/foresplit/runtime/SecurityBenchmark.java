package io.foresplit.runtime;

import com.google.protobuf.ByteString;
import io.foresplit.runtime.proto.Ack;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.Probe;
import io.foresplit.runtime.proto.TrainingNodeGrpc;
import io.foresplit.runtime.proto.TrainingNodeGrpc.TrainingNodeImplBase;
import io.foresplit.runtime.security.GrpcSecurity;
import io.foresplit.runtime.security.Limits;
import io.foresplit.runtime.security.ServerGuard;
import io.foresplit.runtime.security.TestAuthority;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * What TLS and the token cost on a link over loopback: megabytes a second in pieces of 256 KiB, and
 * the time to the acknowledgement of 32 bytes. Both ends are in this process. Prints a table.
 */
final class SecurityBenchmark {
  private static final int PIECE = 256 << 10;
  private static final int SMALL = 32;
  private static final int UNDER_WAY = 8;
  private static final int ROUNDS = 5;

  private SecurityBenchmark() {}

  /** Runs it. */
  public static void main(String[] args) throws Exception {
    TestAuthority authority = new TestAuthority(Files.createTempDirectory("tls"));
    System.out.println("| Link | MB/s | Acknowledgement, microseconds |");
    System.out.println("|---|---|---|");
    measure("plain text", GrpcSecurity.plaintext(), GrpcSecurity.plaintext());
    measure("mutual TLS and token", authority.securityOf("edge"), authority.securityOf("device"));
  }

  private static void measure(String name, GrpcSecurity server, GrpcSecurity client)
      throws Exception {
    ExecutorService calls = Executors.newCachedThreadPool();
    Server listening =
        Rpc.serve(
            Rpc.DEFAULT_HOST,
            0,
            new ServerGuard(server, Limits.ofNode(Cluster.job(), 1 << 20), System::nanoTime),
            calls,
            new Sink());
    ManagedChannel channel =
        Rpc.connect(Rpc.DEFAULT_HOST + ":" + listening.getPort(), Limits.ACK_BYTES, client, "edge");
    try {
      double[] seconds = new double[ROUNDS];
      double[] small = new double[ROUNDS];
      send(channel, PIECE, 2_000, UNDER_WAY);
      send(channel, SMALL, 20_000, 1);
      for (int i = 0; i < ROUNDS; i++) {
        seconds[i] = send(channel, PIECE, 4_000, UNDER_WAY);
        small[i] = send(channel, SMALL, 10_000, 1);
      }
      Arrays.sort(seconds);
      Arrays.sort(small);
      System.out.printf(
          Locale.ROOT,
          "| %s | %.0f | %.0f |%n",
          name,
          4_000.0 * PIECE / 1e6 / seconds[ROUNDS / 2],
          1e6 * small[ROUNDS / 2] / 10_000);
    } finally {
      Rpc.close(channel);
      Rpc.close(listening);
      calls.shutdownNow();
    }
  }

  /** Sends messages, so many at a time; seconds until all are acknowledged. */
  private static double send(ManagedChannel channel, int bytes, int count, int underWay)
      throws Exception {
    Semaphore free = new Semaphore(underWay);
    StreamObserver<Envelope> out =
        TrainingNodeGrpc.newStub(channel)
            .exchange(
                new StreamObserver<>() {
                  @Override
                  public void onNext(Ack ack) {
                    free.release();
                  }

                  @Override
                  public void onError(Throwable error) {
                    error.printStackTrace(System.out);
                  }

                  @Override
                  public void onCompleted() {}
                });
    Envelope message =
        Envelope.newBuilder()
            .setSender("device")
            .setProbe(Probe.newBuilder().setPadding(ByteString.copyFrom(new byte[bytes])))
            .build();
    long begun = System.nanoTime();
    for (int i = 0; i < count; i++) {
      acquire(free, 1);
      out.onNext(message);
    }
    acquire(free, underWay);
    double seconds = (System.nanoTime() - begun) / 1e9;
    out.onCompleted();
    return seconds;
  }

  private static void acquire(Semaphore free, int permits) throws Exception {
    if (!free.tryAcquire(permits, 20, TimeUnit.SECONDS)) {
      throw new IOException("no acknowledgement within 20 s");
    }
  }

  private static final class Sink extends TrainingNodeImplBase {
    @Override
    public StreamObserver<Envelope> exchange(StreamObserver<Ack> sender) {
      return new StreamObserver<>() {
        @Override
        public void onNext(Envelope envelope) {
          sender.onNext(Ack.getDefaultInstance());
        }

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onCompleted() {
          sender.onCompleted();
        }
      };
    }
  }
}
