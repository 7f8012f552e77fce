package io.foresplit.runtime.link;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Compression;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.runtime.compress.SparseTensor;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How the links of a job are compressed. A gradient goes back as its activation came, so there is
 * one entry for both directions of a link. Immutable.
 *
 * @param revision grows by one with each change, so that an old table is told from a new one
 * @param links by the direction away from the data owner; a link that is not there is not
 *     compressed
 */
public record LinkCompressions(long revision, Map<ComponentId, Compression> links) {
  public LinkCompressions {
    if (revision < 0) {
      throw new IllegalArgumentException(
          "revision of link compressions must be at least 0, was " + revision);
    }
    links = Collections.unmodifiableMap(new TreeMap<>(links));
  }

  /** No link is compressed, and none has ever been. */
  public static LinkCompressions none() {
    return new LinkCompressions(0, Map.of());
  }

  /**
   * The link between two nodes, by its direction away from the data owner.
   *
   * @throws IllegalArgumentException when they are not neighbours in the job's chain
   */
  public static ComponentId between(JobSpec job, NodeId one, NodeId other) {
    int near = job.tier(one);
    int far = job.tier(other);
    if (near < 0 || far < 0 || Math.abs(near - far) != 1) {
      throw new IllegalArgumentException(
          "compression is of a link between neighbours of the chain "
              + job.nodes().stream().map(n -> n.id()).toList()
              + ", was "
              + one
              + " and "
              + other);
    }
    return near < far ? ComponentId.link(one, other) : ComponentId.link(other, one);
  }

  /** The next revision, with one link changed; empty for no compression. */
  public LinkCompressions with(ComponentId link, Optional<Compression> compression) {
    Map<ComponentId, Compression> changed = new TreeMap<>(links);
    compression.ifPresentOrElse(c -> changed.put(link, c), () -> changed.remove(link));
    return new LinkCompressions(revision + 1, changed);
  }

  /** Refuses entries that are for no link of a job. */
  public LinkCompressions checked(JobSpec job) {
    for (ComponentId link : links.keySet()) {
      if (!between(job, link.from(), link.to()).equals(link)) {
        throw new IllegalArgumentException(
            "compression is set on the direction away from the data owner, was " + link);
      }
    }
    return this;
  }

  /**
   * What an activation from one node to another is compressed to: the least of what the links on
   * its way have.
   */
  public Optional<Compression> along(JobSpec job, NodeId from, NodeId to) {
    Optional<Compression> least = Optional.empty();
    int last = Math.max(job.tier(from), job.tier(to));
    for (int near = Math.min(job.tier(from), job.tier(to)); near < last; near++) {
      NodeId begin = near == 0 ? first(job, from, to) : job.nodes().get(near).id();
      Compression here = links.get(ComponentId.link(begin, job.nodes().get(near + 1).id()));
      if (here != null) {
        least = Optional.of(least.map(here::and).orElse(here));
      }
    }
    return least;
  }

  /** The client at an end of a way; the data owner where neither end is one. */
  private static NodeId first(JobSpec job, NodeId one, NodeId other) {
    return job.tier(one) == 0 ? one : job.tier(other) == 0 ? other : job.dataOwner();
  }

  /**
   * About how many bytes an output of layers takes from one node to another, see {@link
   * SparseTensor#expectedSize}; as many as plain where no link on the way is compressed.
   *
   * @param plainBytes of the output as it is
   * @param masked whether the mask is carried: with activations, not with gradients
   */
  public double bytes(JobSpec job, NodeId from, NodeId to, double plainBytes, boolean masked) {
    int values = (int) Math.min(Integer.MAX_VALUE, Math.max(1, plainBytes / Float.BYTES));
    return along(job, from, to)
        .map(here -> SparseTensor.expectedSize(values, here, masked))
        .orElse(plainBytes);
  }

  /** For people: the links that are compressed. */
  public String describe() {
    return links.isEmpty() ? "no link is compressed" : links.toString();
  }
}
