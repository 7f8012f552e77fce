package io.foresplit.diagnoser.kafka;

import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.JobId;
import io.foresplit.contract.Topics;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import io.foresplit.diagnoser.DiagnoserListener;
import io.foresplit.diagnoser.DiagnosisStage;
import io.foresplit.diagnoser.Reasoner;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads diagnoses made by statistics, asks the reasoner about the newest of each job, and publishes
 * the next revision that it gives. On one thread of its own; a diagnosis never waits for it. Begins
 * with what is published after its start.
 */
public final class ReasonerLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReasonerLoop.class);
  private static final Duration POLL = Duration.ofMillis(500);

  /** A model may take minutes for each job of a round, and nobody takes its jobs meanwhile. */
  private static final Duration LONGEST_ROUND = Duration.ofHours(1);

  private static final Duration STOP_LIMIT = Duration.ofSeconds(2);

  private final Consumer<String, byte[]> consumer;
  private final Producer<String, byte[]> producer;
  private final Reasoner reasoner;
  private final DiagnoserListener listener;
  private final Thread thread = new Thread(this::run, "reasoner");
  private volatile boolean stopping;

  ReasonerLoop(
      Consumer<String, byte[]> consumer,
      Producer<String, byte[]> producer,
      Reasoner reasoner,
      DiagnoserListener listener) {
    this.consumer = consumer;
    this.producer = producer;
    this.reasoner = reasoner;
    this.listener = listener;
    thread.setDaemon(true);
  }

  /**
   * Starts a loop; closing it closes the reasoner too.
   *
   * @param group consumer group
   */
  public static ReasonerLoop start(
      String bootstrapServers, String group, Reasoner reasoner, DiagnoserListener listener) {
    Map<String, Object> reading =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ConsumerConfig.GROUP_ID_CONFIG,
            group,
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "latest",
            // what was published while nobody reasoned is not asked about
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            false,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            "read_committed",
            ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG,
            (int) LONGEST_ROUND.toMillis());
    Map<String, Object> writing =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
            true);
    ReasonerLoop loop =
        new ReasonerLoop(
            new KafkaConsumer<>(reading, new StringDeserializer(), new ByteArrayDeserializer()),
            new KafkaProducer<>(writing, new StringSerializer(), new ByteArraySerializer()),
            reasoner,
            listener);
    loop.consumer.subscribe(List.of(Topics.DIAGNOSES));
    loop.thread.start();
    return loop;
  }

  private void run() {
    try {
      while (!stopping) {
        poll();
      }
    } catch (WakeupException | InterruptException e) {
      LOG.debug("the reasoner stops");
    } catch (RuntimeException e) {
      LOG.error("the reasoner stops; diagnoses by statistics go on", e);
    } finally {
      close("producer", () -> producer.close(STOP_LIMIT));
      close("consumer", () -> consumer.close(CloseOptions.timeout(STOP_LIMIT)));
    }
  }

  /** The interrupt that ended the loop has done its work, and would end this as well. */
  private static void close(String what, Runnable closing) {
    boolean unused = Thread.interrupted();
    try {
      closing.run();
    } catch (RuntimeException e) {
      LOG.debug("the {} of the reasoner did not close in order", what, e);
    }
  }

  /** One round: what is older than the newest diagnosis of its job is not asked about any more. */
  void poll() {
    Map<JobId, Diagnosis> newest = new LinkedHashMap<>();
    for (ConsumerRecord<String, byte[]> message : consumer.poll(POLL)) {
      try {
        Diagnosis diagnosis = decode(message);
        if (diagnosis.reasoner().equals(DiagnosisStage.REASONER)) {
          newest.put(diagnosis.incident().job(), diagnosis);
        }
      } catch (MalformedRecordException e) {
        LOG.warn("skipped a diagnosis of {}: {}", message.key(), e.getMessage());
        listener.undecodable(String.valueOf(e.getMessage()));
      }
    }
    for (Diagnosis diagnosis : newest.values()) {
      if (!stopping && !diagnosis.abstained()) {
        reasoned(diagnosis).ifPresent(this::publish);
      }
    }
  }

  /** What goes wrong about one diagnosis says nothing of the next. */
  private Optional<Diagnosis> reasoned(Diagnosis diagnosis) {
    try {
      return reasoner.reason(diagnosis);
    } catch (WakeupException | InterruptException e) {
      throw e;
    } catch (RuntimeException e) {
      LOG.error("the reasoner failed on {}", diagnosis.incident().id(), e);
      return Optional.empty();
    }
  }

  private static Diagnosis decode(ConsumerRecord<String, byte[]> message)
      throws MalformedRecordException {
    if (message.value() == null) {
      throw new MalformedRecordException("a diagnosis must have a value, was empty");
    }
    return Codecs.DIAGNOSIS.decode(message.value());
  }

  private void publish(Diagnosis revised) {
    String job = revised.incident().job().value();
    // the callback says how it ended
    Future<RecordMetadata> unused =
        producer.send(
            new ProducerRecord<>(Topics.DIAGNOSES, job, Codecs.DIAGNOSIS.encode(revised)),
            (metadata, problem) -> {
              if (problem != null) {
                LOG.warn("a revision of {} was not published: {}", job, problem.getMessage());
              }
            });
    listener.diagnosed(revised);
  }

  /** Stops within a few seconds, also while the reasoner is busy. */
  @Override
  public void close() {
    stopping = true;
    reasoner.close();
    consumer.wakeup();
    thread.interrupt();
    try {
      thread.join(2 * STOP_LIMIT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
