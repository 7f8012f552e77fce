package io.foresplit.app.netns;

import java.util.List;

/**
 * What one direction of a link does to packets.
 *
 * @param bitsPerSecond of the wire, headers included
 * @param delayMillis one way
 * @param lossPercent of packets, independently
 */
record Shape(long bitsPerSecond, double delayMillis, double lossPercent) {
  /** What a link that was idle lets through at once. */
  static final int BURST_BYTES = 16 << 10;

  private static final int QUEUE_MILLIS = 400;
  private static final int QUEUE_PACKETS = 300;

  Shape withBitsPerSecond(long rate) {
    return new Shape(rate, delayMillis, lossPercent);
  }

  /** Least time for so many bytes, in seconds. */
  double seconds(long bytes) {
    return Math.max(0, bytes - BURST_BYTES) * 8.0 / bitsPerSecond;
  }

  /** The queueing discipline for {@code tc}, with all of the shape. */
  List<String> netem() {
    return List.of(
        "netem",
        "limit",
        Integer.toString(QUEUE_PACKETS),
        "delay",
        delayMillis + "ms",
        "loss",
        lossPercent + "%",
        "rate",
        bitsPerSecond + "bit");
  }

  /** The queueing discipline for {@code tc}, with the rate alone. */
  List<String> tokenBucket() {
    return List.of(
        "tbf",
        "rate",
        bitsPerSecond + "bit",
        "burst",
        Integer.toString(BURST_BYTES),
        "latency",
        QUEUE_MILLIS + "ms");
  }
}
