package io.foresplit.collector.stream;

import io.foresplit.collector.RawReport;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What the one processor of a job reads, from two topics. Lives within a task. */
sealed interface CollectorInput {
  /** A value of the topic {@code topology}; null for a tombstone. */
  @SuppressWarnings("ArrayRecordComponent") // passed on within a task
  record Announced(byte @Nullable [] value) implements CollectorInput {}

  /** A report that could be read, as {@link Envelope} bytes. */
  @SuppressWarnings("ArrayRecordComponent") // passed on within a task
  record Reported(byte[] envelope) implements CollectorInput {}

  /**
   * The value of the internal topic: where a report was (int partition, long offset), the first
   * bytes of its raw record after their length, and the report itself, encoded again and so of
   * bounded size.
   */
  final class Envelope {
    private static final int HEADER = Integer.BYTES + Long.BYTES + Integer.BYTES;

    private Envelope() {}

    static byte[] seal(SegmentReport report, int partition, long offset, byte[] excerpt) {
      byte[] encoded = Codecs.SEGMENT_REPORT.encode(report);
      return ByteBuffer.allocate(HEADER + excerpt.length + encoded.length)
          .putInt(partition)
          .putLong(offset)
          .putInt(excerpt.length)
          .put(excerpt)
          .put(encoded)
          .array();
    }

    static RawReport open(byte[] envelope, long recordMillis) {
      ByteBuffer buffer = ByteBuffer.wrap(envelope);
      int partition = buffer.getInt();
      long offset = buffer.getLong();
      byte[] excerpt = new byte[buffer.getInt()];
      buffer.get(excerpt);
      byte[] encoded = new byte[buffer.remaining()];
      buffer.get(encoded);
      try {
        return new RawReport(
            Codecs.SEGMENT_REPORT.decode(encoded), partition, offset, recordMillis, excerpt);
      } catch (MalformedRecordException e) {
        throw new IllegalStateException("the collector wrote a report that it cannot read", e);
      }
    }
  }
}
