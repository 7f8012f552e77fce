package io.foresplit.runtime.security;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;

/**
 * What a server takes at most, all of it derived from the job. With these a server holds at most
 * about {@code streams × dataBytes + calls × 40 × controlBytes} of what others send, since no
 * message takes more memory than 40 times its bytes once it is decoded.
 *
 * @param dataBytes of one message on a link
 * @param controlBytes of one message of any other call
 * @param streams open at once
 * @param streamsPerPeer open at once by one certificate; without certificates by one address
 * @param calls under way at once
 * @param callsPerPeer under way at once by one certificate or address
 * @param callsPerSecond by one certificate or address, over a second; twice as many in a burst
 * @param connections open at once
 * @param connectionsPerAddress open at once
 */
public record Limits(
    int dataBytes,
    int controlBytes,
    int streams,
    int streamsPerPeer,
    int calls,
    int callsPerPeer,
    int callsPerSecond,
    int connections,
    int connectionsPerAddress) {
  /** Of an acknowledgement, with room for more fields. */
  public static final int ACK_BYTES = 64 << 10;

  /** Of an answer of a node or coordinator to one who asked for it. */
  public static final int ANSWER_BYTES = 4 << 20;

  private static final int CHUNK_BYTES = 256 << 10;
  private static final int INDEX_BYTES = 5;
  private static final int HEADER_BYTES = 64 << 10;
  private static final int LAYER_BYTES = 512;

  /**
   * Of a node: one message holds one activation, gradient or chunk of layer state. A job that lets
   * raw samples leave their owner does not declare their size, so there they may be four times the
   * largest activation, and 4 MiB in any case.
   *
   * @param maxMessageBytes what the node was told never to exceed
   * @throws IllegalArgumentException when an activation of the job does not fit in that
   */
  public static Limits ofNode(JobSpec job, int maxMessageBytes) {
    long largest =
        job.layers().stream().mapToLong(LayerProfile::outputBytes).max().orElse(CHUNK_BYTES);
    long wanted =
        Math.max(CHUNK_BYTES, largest) + (long) INDEX_BYTES * job.batchSize() + HEADER_BYTES;
    if (wanted > maxMessageBytes) {
      throw new IllegalArgumentException(
          "job "
              + job.id()
              + " has activations of "
              + largest
              + " bytes, messages are limited to "
              + maxMessageBytes
              + "; take smaller batches");
    }
    long raw = job.minOwnerLayers() == 0 ? Math.max(4L << 20, 4 * largest) : 0;
    return of(job, (int) Math.min(maxMessageBytes, Math.max(wanted, raw)));
  }

  /** Of a coordinator, which has no streams. */
  public static Limits ofCoordinator(JobSpec job) {
    return of(job, 0);
  }

  private static Limits of(JobSpec job, int dataBytes) {
    int nodes = job.participants().size();
    int owners = job.clients().size();
    return new Limits(
        dataBytes,
        HEADER_BYTES + LAYER_BYTES * (job.layers().size() * owners + nodes),
        8 + 4 * nodes,
        4 + 2 * nodes,
        32 + 2 * nodes,
        16 + 2 * nodes,
        200 + 20 * nodes,
        256 + 4 * nodes,
        64 + 4 * nodes);
  }
}
