package io.foresplit.runtime;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Compression;
import io.foresplit.contract.NodeId;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.proto.CompressionTable;
import io.foresplit.runtime.proto.LinkCompression;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Compression of links on the wire and on disk. */
public final class Compressions {
  private Compressions() {}

  /** The message of a table. */
  public static CompressionTable encode(LinkCompressions table) {
    CompressionTable.Builder message = CompressionTable.newBuilder().setRevision(table.revision());
    table
        .links()
        .forEach(
            (link, compression) ->
                message.addLinks(encode(link.from(), link.to(), Optional.of(compression))));
    return message.build();
  }

  /** The message of one link; empty for no compression. */
  public static LinkCompression encode(NodeId from, NodeId to, Optional<Compression> compression) {
    LinkCompression.Builder message =
        LinkCompression.newBuilder().setFrom(from.value()).setTo(to.value());
    compression.ifPresent(c -> message.setKeep(c.keep()).setBits(c.bits()));
    return message.build();
  }

  /**
   * The table in a message.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static LinkCompressions decode(CompressionTable message) {
    Map<ComponentId, Compression> links = new TreeMap<>();
    for (LinkCompression link : message.getLinksList()) {
      links.put(
          ComponentId.link(new NodeId(link.getFrom()), new NodeId(link.getTo())),
          compression(link).orElseThrow(() -> new IllegalArgumentException("a link without keep")));
    }
    return new LinkCompressions(message.getRevision(), links);
  }

  /**
   * What a message says of its link; empty when it is not to be compressed.
   *
   * @throws IllegalArgumentException when it is no compression
   */
  public static Optional<Compression> compression(LinkCompression link) {
    return link.hasKeep()
        ? Optional.of(new Compression(link.getKeep(), link.getBits()))
        : Optional.empty();
  }
}
