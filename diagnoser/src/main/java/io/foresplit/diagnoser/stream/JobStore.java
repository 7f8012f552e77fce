package io.foresplit.diagnoser.stream;

import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import io.foresplit.diagnoser.DiagnosisStage;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what a stage has decided from: the records of the newest intervals of each job, as they
 * came, in a ring of slots; its placements; the incidents that wait; and its last diagnosis. A
 * restart replays them. So what is written an interval is as large as the interval. Not
 * thread-safe.
 */
final class JobStore {
  /** A slot of a log that floods an interval does not fill the store. */
  private static final int MOST_SLOT_BYTES = 1 << 20;

  private static final int PLACEMENTS = 16;
  private static final String METRICS = "/m/";
  private static final String PLACEMENT = "/t/";
  private static final String WAITING = "/w";
  private static final String LATEST = "/d";

  private final KeyValueStore<String, byte[]> store;
  private final int slots;

  JobStore(KeyValueStore<String, byte[]> store, int slots) {
    this.store = store;
    this.slots = slots;
  }

  /** Keeps a record of a job's log. */
  void keep(JobRecord record, byte[] bytes) {
    if (record instanceof SplitTopology topology) {
      store.put(record.jobId() + PLACEMENT + topology.epoch() % PLACEMENTS, bytes);
    } else if (record instanceof SegmentMetrics metrics) {
      append(metrics.jobId(), metrics.interval(), bytes);
    } else if (record instanceof IntervalTick tick) {
      append(tick.jobId(), tick.interval(), bytes);
    }
  }

  private void append(JobId job, long interval, byte[] record) {
    String key = job + METRICS + Math.floorMod(interval, (long) slots);
    byte[] stored = store.get(key);
    byte[] slot = stored != null && stored.length >= Long.BYTES ? stored : header(interval);
    long held = ByteBuffer.wrap(slot).getLong();
    if (held <= interval && slot.length + record.length <= MOST_SLOT_BYTES) {
      store.put(key, framed(held == interval ? slot : header(interval), record));
    }
  }

  private static byte[] header(long interval) {
    return ByteBuffer.allocate(Long.BYTES).putLong(interval).array();
  }

  private static byte[] framed(byte[] before, byte[] record) {
    return ByteBuffer.allocate(before.length + Integer.BYTES + record.length)
        .put(before)
        .putInt(record.length)
        .put(record)
        .array();
  }

  /** Keeps the incidents that wait. */
  void keepWaiting(JobId job, List<Incident> waiting) {
    if (waiting.isEmpty()) {
      store.delete(job + WAITING);
      return;
    }
    byte[] all = new byte[0];
    for (Incident incident : waiting) {
      all = framed(all, Codecs.INCIDENT.encode(incident));
    }
    store.put(job + WAITING, all);
  }

  /** Keeps the last diagnosis of its job. */
  void keepLatest(Diagnosis diagnosis) {
    store.put(diagnosis.incident().job() + LATEST, Codecs.DIAGNOSIS.encode(diagnosis));
  }

  /** Brings a stage that knows nothing of a job to where it was; nothing is decided again. */
  void replay(JobId job, DiagnosisStage stage) throws MalformedRecordException {
    try {
      for (SplitTopology placement : placements(job)) {
        stage.on(placement);
      }
      for (ByteBuffer slot : intervals(job).values()) {
        for (byte[] record : unframed(slot)) {
          stage.on(Codecs.JOB_RECORD.decode(record));
        }
      }
      byte[] latest = store.get(job + LATEST);
      if (latest != null) {
        stage.resume(Codecs.DIAGNOSIS.decode(latest));
      }
      for (byte[] incident : unframed(wrapped(store.get(job + WAITING)))) {
        stage.on(Codecs.INCIDENT.decode(incident));
      }
    } catch (BufferUnderflowException | NegativeArraySizeException e) {
      throw new MalformedRecordException("the stored state of job " + job + " is cut short", e);
    }
  }

  private List<SplitTopology> placements(JobId job) throws MalformedRecordException {
    List<SplitTopology> placements = new ArrayList<>();
    for (int i = 0; i < PLACEMENTS; i++) {
      byte[] bytes = store.get(job + PLACEMENT + i);
      if (bytes != null && Codecs.JOB_RECORD.decode(bytes) instanceof SplitTopology placement) {
        placements.add(placement);
      }
    }
    placements.sort(Comparator.comparingLong(SplitTopology::epoch));
    return placements;
  }

  /** Slots by interval, past their header. */
  private SortedMap<Long, ByteBuffer> intervals(JobId job) {
    SortedMap<Long, ByteBuffer> intervals = new TreeMap<>();
    String from = job + METRICS;
    // the character after '/' is '0'
    String to = from.substring(0, from.length() - 1) + "0";
    try (KeyValueIterator<String, byte[]> all = store.range(from, to)) {
      while (all.hasNext()) {
        KeyValue<String, byte[]> entry = all.next();
        ByteBuffer slot = ByteBuffer.wrap(entry.value);
        intervals.put(slot.getLong(), slot);
      }
    }
    return intervals;
  }

  private static ByteBuffer wrapped(byte @Nullable [] bytes) {
    return ByteBuffer.wrap(bytes == null ? new byte[0] : bytes);
  }

  private static List<byte[]> unframed(ByteBuffer records) {
    List<byte[]> result = new ArrayList<>();
    while (records.hasRemaining()) {
      byte[] record = new byte[records.getInt()];
      records.get(record);
      result.add(record);
    }
    return result;
  }
}
