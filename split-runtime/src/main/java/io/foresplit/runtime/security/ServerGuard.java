package io.foresplit.runtime.security;

import io.grpc.BindableService;
import io.grpc.Codec;
import io.grpc.DecompressorRegistry;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * What stands between a server and whoever reaches its port.
 *
 * @param nanoTime monotonic
 */
public record ServerGuard(GrpcSecurity security, Limits limits, LongSupplier nanoTime) {
  /** Takes no compressed message, which may be a thousand times larger than it looks. */
  public static final DecompressorRegistry UNCOMPRESSED =
      DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, false);

  private static final int METADATA_BYTES = 8 << 10;
  private static final int WINDOW_BYTES = 1 << 20;
  private static final int HANDSHAKE_SECONDS = 10;
  private static final int IDLE_SECONDS = 60;
  private static final int RESETS = 200;
  private static final int RESET_SECONDS = 10;

  /** Would tell each message that is too large with a stack trace; its stream ends in any case. */
  private static final Logger STREAMS =
      Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyServerStream");

  static {
    STREAMS.setLevel(Level.SEVERE);
  }

  /** Threads for the sockets of all servers of the process; they start when needed. */
  private static final EventLoopGroup LOOPS =
      new MultiThreadIoEventLoopGroup(
          Math.max(2, Runtime.getRuntime().availableProcessors()),
          new DefaultThreadFactory("guarded-server", true),
          NioIoHandler.newFactory());

  /**
   * Sets all bounds of a server, and adds its service behind all checks.
   *
   * @param calls runs the calls; they may block
   */
  public NettyServerBuilder protect(
      NettyServerBuilder server, Executor calls, BindableService service) {
    Refusals refusals = new Refusals(nanoTime);
    List<ServerInterceptor> checks = new ArrayList<>();
    security.token().ifPresent(token -> checks.add(new TokenCheck(token, refusals)));
    checks.add(new Admission(limits, refusals, nanoTime));
    List<ServerInterceptor> checksOfMessages =
        security.tls().map(Tls::mutual).orElse(false)
            ? List.of(new IdentityCheck(refusals))
            : List.of();
    int threads = limits.calls() + limits.streams() + Runtime.getRuntime().availableProcessors();
    return server
        .bossEventLoopGroup(LOOPS)
        .workerEventLoopGroup(LOOPS)
        .channelFactory(
            () -> new BoundedAccept(limits.connections(), limits.connectionsPerAddress()))
        .executor(new LimitedExecutor(calls, threads))
        .maxInboundMessageSize(Math.max(limits.dataBytes(), limits.controlBytes()))
        .maxInboundMetadataSize(METADATA_BYTES)
        .decompressorRegistry(UNCOMPRESSED)
        .maxConcurrentCallsPerConnection(limits.callsPerPeer() + limits.streamsPerPeer())
        .flowControlWindow(WINDOW_BYTES)
        .handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS)
        .maxConnectionIdle(IDLE_SECONDS, TimeUnit.SECONDS)
        .maxRstFramesPerWindow(RESETS, RESET_SECONDS)
        .addService(
            ServerInterceptors.interceptForward(
                // decoded behind the first checks, where what is unreadable can be refused
                ServerInterceptors.useInputStreamMessages(
                    ServerInterceptors.interceptForward(
                        StrictMessages.bind(service, limits), checksOfMessages)),
                checks));
  }
}
