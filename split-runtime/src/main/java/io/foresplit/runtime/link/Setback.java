package io.foresplit.runtime.link;

import java.util.SplittableRandom;

/**
 * What jitter and loss cost one message, as a reliable transport shows it: nothing is missing, but
 * lost packets are sent again, and all that follows waits for them.
 *
 * <p>Derived from TCP with selective acknowledgements (RFC 2018, RFC 6298): packets of at most
 * {@value #PACKET_BYTES} bytes are lost independently. A lost packet that at least {@value
 * #DUPLICATES} later ones of its message tell of is sent again after one round trip, all of them
 * together; one near the end, or lost again, after a timeout of at least {@value
 * #LEAST_TIMEOUT_SECONDS} s, which doubles with each timeout of the message. The sending rate is
 * not reduced: that is the trace's.
 *
 * @param delaySeconds by which the message arrives later; negative when jitter makes it earlier
 * @param resentBytes that occupy the link once more
 */
public record Setback(double delaySeconds, long resentBytes) {
  /** Payload of one packet over Ethernet. */
  private static final int PACKET_BYTES = 1448;

  private static final int DUPLICATES = 3;
  private static final double LEAST_TIMEOUT_SECONDS = 0.2;
  private static final double MOST_TIMEOUT_SECONDS = 10;

  /** After so many a real transport would have given up; then the packets pass. */
  private static final int MAX_ROUNDS = 12;

  /**
   * The cost of one message: a function of its arguments alone.
   *
   * @param seed of the link
   * @param message number of the message on the link
   * @param bytes of the message, positive
   * @param roundTripSeconds over the link and back
   */
  public static Setback of(
      long seed,
      long message,
      long bytes,
      double roundTripSeconds,
      double jitterSeconds,
      double loss) {
    if (jitterSeconds == 0 && loss == 0) {
      return new Setback(0, 0);
    }
    SplittableRandom random = new SplittableRandom(VaryingQuantity.mix(seed) + message);
    double delay = jitterSeconds * (2 * random.nextDouble() - 1);
    long packets = (bytes + PACKET_BYTES - 1) / PACKET_BYTES;
    double packetBytes = (double) bytes / packets;
    long resent = 0;
    double timeout = Math.max(LEAST_TIMEOUT_SECONDS, 2 * roundTripSeconds);
    for (int round = 0; round < MAX_ROUNDS && packets > 0; round++) {
      Losses losses = Losses.draw(random, packets, loss);
      packets = losses.packets();
      resent += packets;
      if (packets > 0 && round == 0 && !losses.atEnd()) {
        delay += roundTripSeconds;
      } else if (packets > 0) {
        delay += timeout;
        timeout = Math.min(MOST_TIMEOUT_SECONDS, 2 * timeout);
      }
    }
    return new Setback(delay, Math.round(resent * packetBytes));
  }

  /**
   * The losses of one round.
   *
   * @param atEnd whether one of the last packets is lost
   */
  private record Losses(long packets, boolean atEnd) {
    /** Jumps from loss to loss, so that a large message costs no more than its losses. */
    static Losses draw(SplittableRandom random, long packets, double loss) {
      long lost = 0;
      long last = -1;
      if (loss > 0) {
        double scale = Math.log1p(-loss);
        double at = Math.floor(Math.log1p(-random.nextDouble()) / scale);
        while (at < packets) {
          lost++;
          last = (long) at;
          at += 1 + Math.floor(Math.log1p(-random.nextDouble()) / scale);
        }
      }
      return new Losses(lost, lost > 0 && last >= packets - DUPLICATES);
    }
  }
}
