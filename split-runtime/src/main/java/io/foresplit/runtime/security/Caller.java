package io.foresplit.runtime.security;

import io.grpc.Grpc;
import io.grpc.ServerCall;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Who calls, as the connection proves it.
 *
 * @param names in the caller's certificate; empty without one
 * @param address it calls from
 */
record Caller(Set<String> names, String address) {
  private static final int DNS_NAME = 2;

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
          return new Caller(namesOf(leaf), address);
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

  /**
   * Whom a certificate is for: its DNS subject alternative names, or its common name where it has
   * none, as RFC 9110 section 4.3.4 and RFC 2818 have it. Wildcards name nobody.
   */
  static Set<String> namesOf(X509Certificate certificate) {
    Set<String> names = new TreeSet<>();
    try {
      Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
      if (alternatives != null) {
        for (List<?> alternative : alternatives) {
          if (Integer.valueOf(DNS_NAME).equals(alternative.get(0))) {
            names.add(String.valueOf(alternative.get(1)));
          }
        }
      }
      if (names.isEmpty()) {
        for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
          if (part.getType().equalsIgnoreCase("CN")) {
            names.add(String.valueOf(part.getValue()));
          }
        }
      }
    } catch (CertificateParsingException | InvalidNameException e) {
      return Set.of();
    }
    names.removeIf(name -> name.contains("*"));
    return Collections.unmodifiableSet(names);
  }
}
