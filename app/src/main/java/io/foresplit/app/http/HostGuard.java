package io.foresplit.app.http;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Refuses requests by a name that is not the service's own, so that a web page cannot reach it
 * through a name that it resolves to this machine (DNS rebinding). An IP address cannot be rebound.
 */
final class HostGuard {
  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

  private final Set<String> names = new HashSet<>(Set.of("localhost"));

  HostGuard(String listening, List<String> allowed) {
    names.add(listening.toLowerCase(Locale.ROOT));
    allowed.forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
  }

  /**
   * @param header the request's {@code Host}, with or without a port
   */
  boolean allows(@Nullable String header) {
    if (header == null) {
      return false;
    }
    String host = header.strip().toLowerCase(Locale.ROOT);
    if (host.startsWith("[")) {
      return host.matches("\\[[0-9a-f:.]+](:\\d+)?");
    }
    int colon = host.indexOf(':');
    String name = colon < 0 ? host : host.substring(0, colon);
    return IPV4.matcher(name).matches() || names.contains(name);
  }
}
