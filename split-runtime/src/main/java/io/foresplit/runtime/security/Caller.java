package io.foresplit.runtime.security;

import io.grpc.Grpc;
import io.grpc.ServerCall;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Set;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Who calls, as the connection proves it.
 *
 * @param names in the caller's certificate; empty without one
 * @param address it calls from
 */
record Caller(Set<String> names, String address) {
  static Caller of(ServerCall<?, ?> call) {
    SocketAddress remote = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    String address =
        remote instanceof InetSocketAddress inet && inet.getAddress() != null
            ? inet.getAddress().getHostAddress()
            : String.valueOf(remote);
    SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    if (session != null) {
      try {
        Certificate[] chain = session.getPeerCertificates();
        if (chain.length > 0 && chain[0] instanceof X509Certificate leaf) {
          return new Caller(CertificateNames.of(leaf), address);
        }
      } catch (SSLPeerUnverifiedException e) {
        return new Caller(Set.of(), address); // one-way TLS: the caller has shown none
      }
    }
    return new Caller(Set.of(), address);
  }

  /** By whom what it uses is counted. */
  String account() {
    return names.isEmpty() ? address : names.toString();
  }
}
