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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What TLS and the token cost on a link over loopback: megabytes a second in pieces of 256 KiB, and
 * the time to the acknowledgement of 32 bytes. Both ends are in this process, so they share its
 * cores. Links take turns, and the table has the median of the rounds. Figures are in {@code
 * docs/security.md}.
 */
class SecurityBenchmark {
  private static final int PIECE = 256 << 10;
  private static final int PIECES = 4_000;
  private static final int SMALL = 32;
  private static final int SMALLS = 10_000;
  private static final int UNDER_WAY = 8;
  private static final int WARM_UP = 2;
  private static final int ROUNDS = 7;

  @TempDir Path folder;

  @Test
  void run() throws Exception {
    TestAuthority authority = new TestAuthority(folder);
    ExecutorService calls = Executors.newCachedThreadPool();
    List<Link> links =
        List.of(
            new Link("plain text", calls, GrpcSecurity.plaintext(), GrpcSecurity.plaintext()),
            new Link(
                "mutual TLS and token",
                calls,
                authority.securityOf("edge"),
                authority.securityOf("device")));
    try {
      for (int round = -WARM_UP; round < ROUNDS; round++) {
        for (Link link : links) {
          link.measure(round >= 0);
        }
      }
    } finally {
      links.forEach(Link::close);
      calls.shutdownNow();
    }
    System.out.println("| Link | MB/s | least, most | Acknowledgement, µs | least, most |");
    System.out.println("|---|---|---|---|---|");
    links.forEach(link -> System.out.println(link.row()));
  }

  /** One way of speaking, and what it took. */
  private static final class Link {
    private final String name;
    private final Server server;
    private final ManagedChannel channel;
    private final List<Double> rates = new ArrayList<>();
    private final List<Double> acknowledgements = new ArrayList<>();

    Link(String name, ExecutorService calls, GrpcSecurity far, GrpcSecurity near)
        throws IOException {
      this.name = name;
      server =
          Rpc.serve(
              Rpc.DEFAULT_HOST,
              0,
              new ServerGuard(far, Limits.ofNode(Cluster.job(), 1 << 20), System::nanoTime),
              calls,
              new Sink());
      channel =
          Rpc.connect(Rpc.DEFAULT_HOST + ":" + server.getPort(), Limits.ACK_BYTES, near, "edge");
    }

    void measure(boolean counts) throws Exception {
      double large = send(PIECE, PIECES, UNDER_WAY);
      double small = send(SMALL, SMALLS, 1);
      if (counts) {
        rates.add((double) PIECES * PIECE / 1e6 / large);
        acknowledgements.add(1e6 * small / SMALLS);
      }
    }

    /** Sends messages, so many at a time; seconds until all are acknowledged. */
    private double send(int bytes, int count, int underWay) throws Exception {
      Semaphore free = new Semaphore(underWay);
      CompletableFuture<Void> over = new CompletableFuture<>();
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
                      over.completeExceptionally(error);
                    }

                    @Override
                    public void onCompleted() {
                      over.complete(null);
                    }
                  });
      Envelope message =
          Envelope.newBuilder()
              .setSender("device")
              .setProbe(Probe.newBuilder().setPadding(ByteString.copyFrom(new byte[bytes])))
              .build();
      long begun = System.nanoTime();
      for (int i = 0; i < count; i++) {
        acquire(free, 1, over);
        out.onNext(message);
      }
      acquire(free, underWay, over);
      double seconds = (System.nanoTime() - begun) / 1e9;
      out.onCompleted();
      over.get(20, TimeUnit.SECONDS);
      return seconds;
    }

    private static void acquire(Semaphore free, int permits, CompletableFuture<Void> over)
        throws IOException, InterruptedException, ExecutionException {
      if (!free.tryAcquire(permits, 20, TimeUnit.SECONDS)) {
        over.getNow(null);
        throw new IOException("no acknowledgement within 20 s");
      }
    }

    String row() {
      return "| " + name + " | " + figures(rates) + " | " + figures(acknowledgements) + " |";
    }

    private static String figures(List<Double> values) {
      double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
      return String.format(
          Locale.ROOT,
          "%.0f | %.0f, %.0f",
          sorted[sorted.length / 2],
          sorted[0],
          sorted[sorted.length - 1]);
    }

    void close() {
      Rpc.close(channel);
      Rpc.close(server);
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
