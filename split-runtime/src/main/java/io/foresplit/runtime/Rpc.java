package io.foresplit.runtime;

import io.foresplit.runtime.security.GrpcSecurity;
import io.foresplit.runtime.security.ServerGuard;
import io.grpc.BindableService;
import io.grpc.ConnectivityState;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * gRPC as this runtime uses it: loopback and plain text unless told otherwise, and bounded.
 *
 * <p>A network may take packets away without a word. TCP alone would believe in such a connection
 * for a quarter of an hour, and gRPC would try to connect ever more rarely, up to every two
 * minutes. Here a connection whose far end says nothing is given up after {@link #SILENCE_SECONDS}
 * to twice that, and opened again within seconds of the network's return.
 */
public final class Rpc {
  /** Bound of one message, unless configured. */
  public static final int DEFAULT_MAX_MESSAGE_BYTES = 64 << 20;

  /** Where processes listen, unless configured. */
  public static final String DEFAULT_HOST = "127.0.0.1";

  /**
   * How long a far end may be silent before it is asked for a sign of life, and how long that, or
   * the acknowledgement of sent bytes, may take. It must cover what a slow link has queued.
   */
  private static final int SILENCE_SECONDS = 10;

  private static final int CONNECT_MILLIS = 5_000;
  private static final int RECONNECT_MILLIS = 500;

  private static final Logger LOG = LoggerFactory.getLogger(Rpc.class);

  private Rpc() {}

  /**
   * Listens.
   *
   * @param port 0 for any free one
   * @param calls runs the calls; they may block
   * @throws IOException also when the guard does not allow the host
   */
  public static Server serve(
      String host, int port, ServerGuard guard, ExecutorService calls, BindableService service)
      throws IOException {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new IOException(
          "cannot listen on " + host + ":" + port + ": no such host; give an address of this one");
    }
    guard.security().requireFor(host);
    ServerCredentials credentials = guard.security().serverCredentials();
    try {
      return guard
          .protect(NettyServerBuilder.forAddress(address, credentials), calls, service)
          .keepAliveTime(SILENCE_SECONDS, TimeUnit.SECONDS)
          .keepAliveTimeout(SILENCE_SECONDS, TimeUnit.SECONDS)
          .permitKeepAliveTime(SILENCE_SECONDS / 2, TimeUnit.SECONDS)
          .build()
          .start();
    } catch (IOException e) {
      throw new IOException(
          "cannot listen on "
              + host
              + ":"
              + port
              + ": "
              + rootMessage(e)
              + "; choose another port, or 0 for any free one",
          e);
    }
  }

  /**
   * A channel to an address.
   *
   * @param address {@code host:port}
   * @param peer who must answer there, see {@link GrpcSecurity#channel}
   */
  public static ManagedChannel connect(
      String address, int maxMessageBytes, GrpcSecurity security, String peer) {
    int colon = address.lastIndexOf(':');
    try {
      int port = Integer.parseInt(address.substring(colon + 1));
      if (colon < 1 || port < 1 || port > 65535) {
        throw new NumberFormatException();
      }
      ManagedChannel channel =
          security
              .channel(address.substring(0, colon), port, peer)
              .maxInboundMessageSize(maxMessageBytes)
              .decompressorRegistry(ServerGuard.UNCOMPRESSED)
              .keepAliveTime(SILENCE_SECONDS, TimeUnit.SECONDS)
              .keepAliveTimeout(SILENCE_SECONDS, TimeUnit.SECONDS)
              .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
              .build();
      reconnectSoon(channel);
      return channel;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "an address must be host:port with a port of 1 to 65535, was '" + address + "'", e);
    }
  }

  /** Has a channel that cannot connect try again and again at the same short interval. */
  private static void reconnectSoon(ManagedChannel channel) {
    ConnectivityState state = channel.getState(false);
    if (state == ConnectivityState.TRANSIENT_FAILURE) {
      CompletableFuture.delayedExecutor(RECONNECT_MILLIS, TimeUnit.MILLISECONDS)
          .execute(
              () -> {
                channel.resetConnectBackoff();
                reconnectSoon(channel);
              });
    } else if (state != ConnectivityState.SHUTDOWN) {
      channel.notifyWhenStateChanged(state, () -> reconnectSoon(channel));
    }
  }

  /** Ends a channel, waiting a little for calls in flight. */
  public static void close(ManagedChannel channel) {
    channel.shutdown();
    try {
      if (!channel.awaitTermination(1, TimeUnit.SECONDS)) {
        channel.shutdownNow();
      }
    } catch (InterruptedException e) {
      channel.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /** Ends a server, waiting a little for calls in flight. */
  public static void close(Server server) {
    server.shutdown();
    try {
      if (!server.awaitTermination(1, TimeUnit.SECONDS)) {
        server.shutdownNow();
        server.awaitTermination(1, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Answers one call with a value, or with the status its failure means. What was begun is ended
   * also when the caller goes away: otherwise calls made in turn would be cancelled with it, and a
   * move would stop half-way.
   */
  public static <T> void answer(StreamObserver<T> caller, Callable<T> call) {
    if (caller instanceof ServerCallStreamObserver<T> observer) {
      observer.setOnCancelHandler(() -> LOG.debug("a caller went away"));
    }
    try {
      caller.onNext(Context.ROOT.call(call));
      caller.onCompleted();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      caller.onError(Status.CANCELLED.withDescription("the process ends").asRuntimeException());
    } catch (Exception e) {
      caller.onError(statusOf(e).asRuntimeException());
    }
  }

  private static Status statusOf(Exception e) {
    Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
    if (cause instanceof StatusRuntimeException status) {
      return status.getStatus();
    }
    String message = String.valueOf(cause.getMessage());
    if (cause instanceof IllegalArgumentException) {
      return Status.INVALID_ARGUMENT.withDescription(message);
    }
    if (cause instanceof IllegalStateException) {
      return Status.FAILED_PRECONDITION.withDescription(message);
    }
    if (cause instanceof IOException) {
      return Status.UNAVAILABLE.withDescription(message);
    }
    LOG.error("a call failed", cause);
    return Status.INTERNAL.withDescription(cause.toString());
  }

  /** One line for people of what a call failed with. */
  public static String describe(StatusRuntimeException e) {
    Throwable cause = e.getStatus().getCause();
    if (e.getStatus().getCode() == Status.Code.UNAVAILABLE && cause != null) {
      return rootMessage(cause);
    }
    String description = e.getStatus().getDescription();
    return description == null ? e.getStatus().getCode().toString() : description;
  }

  private static String rootMessage(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }
}
