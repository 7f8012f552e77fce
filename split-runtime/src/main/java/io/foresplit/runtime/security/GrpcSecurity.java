package io.foresplit.runtime.security;

import io.foresplit.contract.NodeId;
import io.grpc.ChannelCredentials;
import io.grpc.CompositeChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.Optional;

/**
 * How a process of the runtime proves itself and whom it believes. Immutable.
 *
 * @param tls none is plain text, which is for the loopback interface alone
 * @param token what each call must carry, and what each own call carries
 */
public record GrpcSecurity(Optional<Tls> tls, Optional<JoinToken> token) {
  /** The name in a coordinator's certificate. */
  public static final String COORDINATOR = "coordinator";

  /** The name in the certificate of whoever may move layers: the service, an operator. */
  public static final String CONTROLLER = "controller";

  /** Plain text without a token, for one machine. */
  public static GrpcSecurity plaintext() {
    return new GrpcSecurity(Optional.empty(), Optional.empty());
  }

  /** Throws unless a process may listen on a host with this. */
  public void requireFor(String host) throws IOException {
    if ((tls.isEmpty() || token.isEmpty()) && !isLoopback(host)) {
      throw new IOException(
          "host "
              + host
              + " is beyond loopback, where TLS and a join token are required: give --tls-ca,"
              + " --tls-cert, --tls-key and --token-file, or --host 127.0.0.1");
    }
  }

  /** Throws when the certificate is not for this name. */
  public void requireName(String name) throws IOException {
    if (tls.isPresent()) {
      tls.get().requireOwn(name);
    }
  }

  /** Throws when certificates could not tell the nodes of a job from each other and from others. */
  public void requireNames(Collection<NodeId> nodes) throws IOException {
    if (tls.isEmpty()) {
      return;
    }
    Tls.requireCheckable(nodes.stream().map(NodeId::value).toList());
    for (NodeId node : nodes) {
      if (node.value().equalsIgnoreCase(COORDINATOR) || node.value().equalsIgnoreCase(CONTROLLER)) {
        throw new IOException(
            "with TLS the names coordinator and controller are not for nodes, was a node '"
                + node
                + "'");
      }
    }
  }

  /** What a server shows. */
  public ServerCredentials serverCredentials() throws IOException {
    return tls.isPresent() ? tls.get().server() : InsecureServerCredentials.create();
  }

  /**
   * A channel, yet without bounds.
   *
   * @param peer who must answer there: a node's id or {@link #COORDINATOR}
   * @throws IllegalArgumentException when the token would travel in plain text beyond loopback
   */
  public NettyChannelBuilder channel(String host, int port, String peer) {
    ChannelCredentials transport =
        tls.map(Tls::channel).orElseGet(InsecureChannelCredentials::create);
    if (token.isPresent() && tls.isEmpty() && !isLoopback(host)) {
      throw new IllegalArgumentException(
          "the join token is not sent to "
              + host
              + " in plain text: give --tls-ca, --tls-cert and --tls-key too");
    }
    NettyChannelBuilder channel =
        NettyChannelBuilder.forAddress(
            host,
            port,
            token
                .<ChannelCredentials>map(
                    t -> CompositeChannelCredentials.create(transport, t.credentials()))
                .orElse(transport));
    return tls.isPresent() ? channel.overrideAuthority(peer) : channel;
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
