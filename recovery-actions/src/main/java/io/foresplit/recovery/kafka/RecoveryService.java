package io.foresplit.recovery.kafka;

import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.contract.Topics;
import io.foresplit.contract.TrainingRuntime;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import io.foresplit.recovery.Effect;
import io.foresplit.recovery.RecoveryConfig;
import io.foresplit.recovery.RecoveryListener;
import io.foresplit.recovery.RecoveryStage;
import io.foresplit.recovery.RuntimeResult;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the recovery stage on Kafka. One thread loops over the inputs; calls to the runtime run
 * beside it and come back as inputs. A second service with the same group takes over, and the first
 * one fails. {@link #start} and {@link #close} may be called from any thread, once each.
 */
public final class RecoveryService implements AutoCloseable {
  /** Consumer group and transactional id. */
  public static final String GROUP = "foresplit-recovery";

  /** Operation log: what was done, one line an event. */
  private static final Logger OPERATIONS = LoggerFactory.getLogger("io.foresplit.recovery.actions");

  private static final Logger LOG = LoggerFactory.getLogger(RecoveryService.class);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  /** Positions alone are committed after so many records. */
  private static final int COMMIT_EVERY = 500;

  private final RecoveryConfig config;
  private final InstantSource clock;
  private final RecoveryListener listener;
  private final RecoveryStage stage;
  private final Inputs inputs;
  private final Producer<String, byte[]> producer;
  private final Journal journal;
  private final ExecutorService executor;
  private final RuntimeCalls calls;
  private final Queue<RuntimeResult> results = new ConcurrentLinkedQueue<>();
  private final Thread loop = new Thread(this::run, "foresplit-recovery");
  private volatile boolean running = true;
  private int uncommitted;
  private boolean behind;

  /**
   * Connects to Kafka; nothing is read before {@link #start}.
   *
   * @param clientProperties what all Kafka clients need, {@code bootstrap.servers} at least
   */
  public RecoveryService(
      RecoveryConfig config,
      Map<String, Object> clientProperties,
      TrainingRuntime runtime,
      PlacementPlanner placements,
      InstantSource clock,
      RecoveryListener listener) {
    this(
        config,
        new KafkaConsumer<>(
            consumerProperties(clientProperties),
            new StringDeserializer(),
            new ByteArrayDeserializer()),
        new KafkaProducer<>(
            producerProperties(clientProperties),
            new StringSerializer(),
            new ByteArraySerializer()),
        runtime,
        placements,
        clock,
        listener);
  }

  RecoveryService(
      RecoveryConfig config,
      Consumer<String, byte[]> consumer,
      Producer<String, byte[]> producer,
      TrainingRuntime runtime,
      PlacementPlanner placements,
      InstantSource clock,
      RecoveryListener listener) {
    this.config = config;
    this.clock = clock;
    this.listener = listener;
    this.stage = new RecoveryStage(config, placements);
    this.inputs = new Inputs(consumer);
    this.producer = producer;
    this.journal = new Journal(producer);
    this.executor =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "foresplit-recovery-runtime");
              thread.setDaemon(true);
              return thread;
            });
    this.calls = new RuntimeCalls(runtime, executor, results);
  }

  private static Map<String, Object> consumerProperties(Map<String, Object> common) {
    Map<String, Object> properties = new HashMap<>(common);
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    return properties;
  }

  private static Map<String, Object> producerProperties(Map<String, Object> common) {
    Map<String, Object> properties = new HashMap<>(common);
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, GROUP);
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    return properties;
  }

  /** Starts the loop. */
  public void start() {
    loop.start();
  }

  /** Ends the loop; a move under way goes on in the runtime and is found again on restart. */
  @Override
  public void close() {
    running = false;
    inputs.wakeup();
    executor.shutdownNow();
    if (loop.getState() == Thread.State.NEW) {
      disconnect();
      return;
    }
    try {
      loop.join(CLOSE_WITHIN.toMillis());
      if (loop.isAlive()) {
        LOG.warn("the recovery loop did not end within {}", CLOSE_WITHIN);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      journal.open();
      inputs.readJournal(this::restore);
      inputs.start();
      while (running) {
        inputs.poll().forEach(this::take);
        for (RuntimeResult result = results.poll(); result != null; result = results.poll()) {
          carryOut(stage.on(result));
        }
      }
    } catch (WakeupException woken) {
      if (running) {
        fail(woken);
      }
    } catch (Throwable failure) { // the last frame of the thread
      if (running) {
        fail(failure);
      } else {
        LOG.debug("the recovery loop failed while closing", failure);
      }
    } finally {
      disconnect();
    }
  }

  private void disconnect() {
    inputs.close();
    producer.close(Duration.ofSeconds(2));
  }

  private void fail(Throwable failure) {
    LOG.error("the recovery loop has failed", failure);
    listener.failed(failure);
  }

  /** A hole in the journal would make state wrong, so the start fails on one. */
  private void restore(ConsumerRecord<String, byte[]> read) {
    try {
      stage.restore(Codecs.JOURNAL_ENTRY.decode(read.value()), read.offset());
    } catch (MalformedRecordException malformed) {
      throw new KafkaException(where(read) + " is no journal entry", malformed);
    }
  }

  private void take(ConsumerRecord<String, byte[]> read) {
    try {
      inputs.taken(read);
      switch (read.topic()) {
        case Topics.SEGMENT_METRICS -> take(read, Codecs.JOB_RECORD.decode(read.value()));
        case Topics.INCIDENTS -> stage.learn(Codecs.INCIDENT.decode(read.value()));
        case Topics.DIAGNOSES -> stage.learn(Codecs.DIAGNOSIS.decode(read.value()));
        case Topics.COMMANDS -> stage.learn(Codecs.COMMAND.decode(read.value()));
        default -> throw new IllegalStateException("unexpected topic " + read.topic());
      }
    } catch (MalformedRecordException malformed) {
      String reason = String.valueOf(malformed.getMessage());
      LOG.warn("{} is left out: {}", where(read), reason);
      listener.skipped(read.topic(), read.partition(), read.offset(), reason);
    }
    uncommitted++;
    if (uncommitted >= COMMIT_EVERY) {
      commit(List.of());
    }
  }

  private void take(ConsumerRecord<String, byte[]> read, JobRecord jobRecord) {
    if (isBacklog(jobRecord) || inputs.isHistory(read)) {
      stage.learn(jobRecord);
    } else {
      carryOut(stage.on(jobRecord));
    }
  }

  /** Old ticks are learnt from only; it is told when that starts and ends. */
  private boolean isBacklog(JobRecord jobRecord) {
    if (!(jobRecord instanceof IntervalTick tick)) {
      return false;
    }
    Duration lag = Duration.between(tick.end(), clock.instant());
    boolean tooFar = lag.compareTo(config.maxLag()) > 0;
    if (tooFar != behind) {
      behind = tooFar;
      LOG.info(
          "{}: the last tick is {} old, {}",
          tick.jobId(),
          lag,
          tooFar ? "nothing is decided until that is below " + config.maxLag() : "caught up");
    }
    return tooFar;
  }

  private void carryOut(List<Effect> effects) {
    if (effects.stream().anyMatch(effect -> effect instanceof Effect.Append)) {
      commit(effects);
    }
    for (Effect effect : effects) {
      if (effect instanceof Effect.Fence fence) {
        calls.fence(fence);
      } else if (effect instanceof Effect.CallRuntime call) {
        calls.move(call);
      } else if (effect instanceof Effect.AskStatus question) {
        calls.status(question);
      } else if (effect instanceof Effect.Declined declined) {
        OPERATIONS.info(
            "{}: nothing done about {}: {}",
            declined.job(),
            declined.incident(),
            declined.reason());
        listener.declined(declined.job(), declined.incident(), declined.reason());
      } else if (effect instanceof Effect.Recommended moves) {
        listener.recommended(moves.job(), moves.refused(), moves.lost(), moves.won());
      } else if (effect instanceof Effect.Late late) {
        listener.late(late.job(), late.moves());
      } else if (effect instanceof Effect.Unreachable unreachable) {
        LOG.warn("{}: {}", unreachable.job(), unreachable.reason());
        listener.unreachable(unreachable.job(), unreachable.reason());
      } else if (effect instanceof Effect.Publish publish) {
        listener.ended(publish.outcome());
      }
    }
  }

  private void commit(List<Effect> effects) {
    for (Journal.Written written : journal.commit(effects, inputs.positions(), inputs.group())) {
      stage.committed(written.entry(), written.offset());
      OPERATIONS.info("{} @{}: {}", written.entry().job(), written.offset(), written.entry());
      listener.journaled(written.entry());
    }
    uncommitted = 0;
  }

  private static String where(ConsumerRecord<String, byte[]> read) {
    return read.topic() + "-" + read.partition() + "@" + read.offset();
  }
}
