package io.foresplit.collector.stream;

import io.foresplit.collector.CatchUp;
import io.foresplit.collector.CollectorConfig;
import io.foresplit.collector.CollectorEvent;
import io.foresplit.collector.CollectorListener;
import io.foresplit.collector.IntervalLedger;
import io.foresplit.collector.JobCollector;
import io.foresplit.collector.ReportIntake;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.Rejection;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the {@link JobCollector} of each job of a task, on the wall clock of the task. Stores hold
 * topology and ledger of each job; memory holds the same, decoded.
 */
final class JobProcessor implements Processor<String, CollectorInput, String, CollectorEvent> {
  private static final Logger LOG = LoggerFactory.getLogger(JobProcessor.class);

  private final CollectorConfig config;
  private final CollectorListener listener;
  private final Map<String, JobCollector> jobs = new TreeMap<>();
  private @Nullable Task task;

  JobProcessor(CollectorConfig config, CollectorListener listener) {
    this.config = config;
    this.listener = listener;
  }

  /** What a task gives a processor. */
  private record Task(
      ProcessorContext<String, CollectorEvent> context,
      KeyValueStore<String, byte[]> topologies,
      KeyValueStore<String, byte[]> ledgers,
      CatchUp catchUp) {
    long now() {
      return context.currentSystemTimeMs();
    }
  }

  @Override
  public void init(ProcessorContext<String, CollectorEvent> context) {
    Task started =
        new Task(
            context,
            context.getStateStore(CollectorTopology.TOPOLOGIES),
            context.getStateStore(CollectorTopology.LEDGERS),
            new CatchUp(config, context.currentSystemTimeMs()));
    task = started;
    restore(started);
    context.schedule(
        config.checkEvery(), PunctuationType.WALL_CLOCK_TIME, now -> onTime(started, now));
  }

  @Override
  public void process(Record<String, CollectorInput> record) {
    Task running = Objects.requireNonNull(task);
    CollectorInput input = record.value();
    if (input instanceof CollectorInput.Reported reported) {
      onReport(running, record.key(), reported.envelope(), record.timestamp());
    } else if (input instanceof CollectorInput.Announced announced) {
      onTopology(running, record.key(), announced.value());
    }
  }

  private void restore(Task task) {
    try (KeyValueIterator<String, byte[]> stored = task.topologies().all()) {
      while (stored.hasNext()) {
        KeyValue<String, byte[]> entry = stored.next();
        byte[] ledger = task.ledgers().get(entry.key);
        job(task, entry.key)
            .restore(
                Codecs.TOPOLOGY.decode(entry.value),
                ledger == null ? new IntervalLedger() : IntervalLedger.decode(ledger));
      }
    } catch (MalformedRecordException e) {
      throw new IllegalStateException(
          "the collector's store " + CollectorTopology.TOPOLOGIES + " cannot be read", e);
    }
  }

  private void onReport(Task task, String key, byte[] envelope, long recordMillis) {
    JobCollector job = jobs.get(key);
    boolean isKnown = job != null;
    if (job == null) {
      job = new JobCollector(config, task.catchUp());
    }
    List<CollectorEvent> events =
        job.onReport(CollectorInput.Envelope.open(envelope, recordMillis), task.now());
    forward(task, key, events);
    if (isKnown) {
      task.ledgers().put(key, job.ledger().encode());
    }
  }

  private void onTopology(Task task, @Nullable String key, byte @Nullable [] value) {
    int partition = task.context().recordMetadata().map(RecordMetadata::partition).orElse(-1);
    long offset = task.context().recordMetadata().map(RecordMetadata::offset).orElse(-1L);
    byte[] excerpt = ReportIntake.excerpt(value);
    try {
      SplitTopology announced = read(key, value);
      String id = announced.jobId().value();
      JobCollector job = job(task, id);
      List<CollectorEvent> events = job.onTopology(announced, partition, offset, excerpt);
      forward(task, id, events);
      SplitTopology inForce = job.topology();
      if (inForce == null) {
        jobs.remove(id);
      } else {
        task.topologies().put(id, Codecs.TOPOLOGY.encode(inForce));
        task.ledgers().put(id, job.ledger().encode());
      }
    } catch (MalformedRecordException e) {
      LOG.warn("a record of the topology topic is ignored: {}", e.getMessage());
      Rejection rejection =
          new Rejection(
              Rejection.Code.MALFORMED, String.valueOf(e.getMessage()), partition, offset, excerpt);
      forward(
          task,
          key == null ? CollectorTopology.NO_JOB : key,
          List.of(new CollectorEvent.Rejected(rejection)));
    }
  }

  private static SplitTopology read(@Nullable String key, byte @Nullable [] value)
      throws MalformedRecordException {
    if (value == null) {
      throw new MalformedRecordException("topology: expected a value, was an empty record");
    }
    SplitTopology topology = Codecs.TOPOLOGY.decode(value);
    if (!topology.jobId().value().equals(key)) {
      throw new MalformedRecordException(
          "topology: expected the key to be its job '" + topology.jobId() + "'");
    }
    return topology;
  }

  private void onTime(Task task, long now) {
    jobs.forEach(
        (key, job) -> {
          List<CollectorEvent> events = job.onTime(now);
          if (!events.isEmpty()) {
            forward(task, key, events);
            task.ledgers().put(key, job.ledger().encode());
          }
        });
  }

  private JobCollector job(Task task, String key) {
    return jobs.computeIfAbsent(key, k -> new JobCollector(config, task.catchUp()));
  }

  private void forward(Task task, String key, List<CollectorEvent> events) {
    for (CollectorEvent event : events) {
      if (event instanceof CollectorEvent.Rejected rejected) {
        listener.rejected(rejected.rejection().code());
      } else if (event instanceof CollectorEvent.Jumped jumped) {
        LOG.warn(
            "job {}: after a pause {} intervals up to {} are left out",
            jumped.job(),
            jumped.intervals(),
            jumped.closed());
      } else if (event instanceof CollectorEvent.Emitted emitted) {
        if (emitted.record() instanceof SegmentMetrics metrics) {
          listener.accepted(metrics.samples().size());
        } else if (emitted.record() instanceof IntervalTick tick) {
          listener.tick(tick);
        }
      }
      task.context().forward(new Record<>(key, event, task.now()));
    }
  }
}
