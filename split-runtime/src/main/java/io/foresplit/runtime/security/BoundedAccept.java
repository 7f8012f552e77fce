package io.foresplit.runtime.security;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A listening socket with so many connections at most, in all and from one address; one too many is
 * closed before a byte of it is read. Thread-safe where Netty needs it.
 */
final class BoundedAccept extends NioServerSocketChannel {
  private final int limit;
  private final int limitPerAddress;
  private final Map<String, Integer> open = new HashMap<>();
  private int total;

  BoundedAccept(int limit, int limitPerAddress) {
    this.limit = limit;
    this.limitPerAddress = limitPerAddress;
  }

  @Override
  protected int doReadMessages(List<Object> accepted) throws Exception {
    int read = super.doReadMessages(accepted);
    if (read == 1 && accepted.get(accepted.size() - 1) instanceof Channel child && !admit(child)) {
      accepted.remove(accepted.size() - 1);
      child.unsafe().closeForcibly();
      return 0;
    }
    return read;
  }

  private boolean admit(Channel child) {
    SocketAddress remote = child.remoteAddress();
    String address =
        remote instanceof InetSocketAddress inet && inet.getAddress() != null
            ? inet.getAddress().getHostAddress()
            : String.valueOf(remote);
    synchronized (open) {
      int own = open.getOrDefault(address, 0);
      if (total >= limit || own >= limitPerAddress) {
        return false;
      }
      open.put(address, own + 1);
      total++;
    }
    ChannelFuture unused = child.closeFuture().addListener(closed -> release(address));
    return true;
  }

  private void release(String address) {
    synchronized (open) {
      total--;
      open.computeIfPresent(address, (a, own) -> own == 1 ? null : own - 1);
    }
  }
}
