package io.foresplit.recovery.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.Placement;
import io.foresplit.contract.RecoveryAction;
import io.foresplit.contract.RecoveryPlan;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.Topics;
import io.foresplit.contract.TrainingRuntime;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.recovery.FakeRuntime;
import io.foresplit.recovery.RecoveryConfig;
import io.foresplit.recovery.RecoveryListener;
import io.foresplit.recovery.StepTimePlanner;
import io.foresplit.recovery.TestJob;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RecoveryServiceTest {
  private static final Conditions FADED = TestJob.uplink(0.05);
  private static final TopicPartition JOURNAL = new TopicPartition(Topics.ACTION_JOURNAL, 0);
  private static final TopicPartition METRICS = new TopicPartition(Topics.SEGMENT_METRICS, 0);
  private static final TopicPartition INCIDENTS = new TopicPartition(Topics.INCIDENTS, 0);
  private static final TopicPartition DIAGNOSES = new TopicPartition(Topics.DIAGNOSES, 0);
  private static final TopicPartition COMMANDS = new TopicPartition(Topics.COMMANDS, 0);

  private final MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest");
  private final MockProducer<String, byte[]> producer =
      new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer());
  private final FakeRuntime fake = new FakeRuntime(TestJob.topology(0, TestJob.INITIAL));
  private final Told told = new Told();
  private final Map<TopicPartition, Long> ends = new HashMap<>();
  private RecoveryService service;

  /** Hands what happened to the test, so that it waits without sleeping. */
  private static final class Told implements RecoveryListener {
    final BlockingQueue<JournalEntry> journaled = new LinkedBlockingQueue<>();
    final BlockingQueue<ActionOutcome> ended = new LinkedBlockingQueue<>();
    final BlockingQueue<String> declined = new LinkedBlockingQueue<>();
    final BlockingQueue<String> recommended = new LinkedBlockingQueue<>();
    final BlockingQueue<String> skipped = new LinkedBlockingQueue<>();
    final BlockingQueue<Throwable> failed = new LinkedBlockingQueue<>();

    @Override
    public void journaled(JournalEntry entry) {
      journaled.add(entry);
    }

    @Override
    public void ended(ActionOutcome outcome) {
      ended.add(outcome);
    }

    @Override
    public void declined(JobId job, IncidentId incident, String reason) {
      declined.add(reason);
    }

    @Override
    public void recommended(JobId job, int refused, int lost, boolean won) {
      recommended.add(refused + " refused, " + lost + " lost, won " + won);
    }

    @Override
    public void late(JobId job, int moves) {
      recommended.add(moves + " late");
    }

    @Override
    public void skipped(String topic, int partition, long offset, String reason) {
      skipped.add(topic + "@" + offset);
    }

    @Override
    public void failed(Throwable failure) {
      failed.add(failure);
    }
  }

  private void start(TrainingRuntime runtime, JournalEntry... journal) {
    Map<TopicPartition, Long> beginnings = new HashMap<>();
    for (TopicPartition partition : List.of(JOURNAL, METRICS, INCIDENTS, DIAGNOSES, COMMANDS)) {
      beginnings.put(partition, 0L);
      ends.put(partition, 0L);
      consumer.updatePartitions(
          partition.topic(), List.of(new PartitionInfo(partition.topic(), 0, null, null, null)));
    }
    consumer.updateBeginningOffsets(beginnings);
    ends.put(JOURNAL, (long) journal.length);
    consumer.updateEndOffsets(ends);
    if (journal.length > 0) {
      consumer.schedulePollTask(
          () -> {
            for (JournalEntry entry : journal) {
              add(JOURNAL, Codecs.JOURNAL_ENTRY.encode(entry), true);
            }
          });
    }
    service =
        new RecoveryService(
            RecoveryConfig.defaults(),
            consumer,
            producer,
            runtime,
            new StepTimePlanner(),
            InstantSource.fixed(TestJob.START),
            told);
    service.start();
  }

  private final Map<TopicPartition, Long> next = new HashMap<>();

  private void add(TopicPartition partition, byte[] value, boolean now) {
    long offset = next.merge(partition, 1L, Long::sum) - 1;
    ConsumerRecord<String, byte[]> read =
        new ConsumerRecord<>(partition.topic(), 0, offset, TestJob.ID.value(), value);
    if (now) {
      consumer.addRecord(read);
    } else {
      consumer.schedulePollTask(() -> consumer.addRecord(read));
    }
  }

  private void add(JobRecord jobRecord) {
    add(METRICS, Codecs.JOB_RECORD.encode(jobRecord), false);
  }

  private void add(Diagnosis diagnosis) {
    add(DIAGNOSES, Codecs.DIAGNOSIS.encode(diagnosis), false);
  }

  private <T> T await(BlockingQueue<T> queue) throws InterruptedException {
    T value = queue.poll(20, TimeUnit.SECONDS);
    assertThat(value).as("nothing in time; failures: %s", told.failed).isNotNull();
    return value;
  }

  private <T> T awaitEntry(Class<T> type) throws InterruptedException {
    JournalEntry entry = await(told.journaled);
    assertThat(entry).isInstanceOf(type);
    return type.cast(entry);
  }

  /** Ticks until the next entry is there: answers of the runtime come from another thread. */
  private <T> T tickUntil(Class<T> type, long from, long epoch) throws InterruptedException {
    for (long interval = from; interval < from + 1_000; interval++) {
      add(TestJob.tick(interval, epoch));
      JournalEntry entry = told.journaled.poll(20, TimeUnit.MILLISECONDS);
      if (entry != null) {
        assertThat(entry).isInstanceOf(type);
        return type.cast(entry);
      }
    }
    throw new AssertionError("no " + type.getSimpleName() + "; failures: " + told.failed);
  }

  @AfterEach
  void close() {
    service.close();
  }

  @Test
  void intentIsDurableWithThePositionsBeforeTheRuntimeIsCalled() throws Exception {
    List<Integer> journaledAtCall = new ArrayList<>();
    TrainingRuntime runtime =
        new Watched(fake) {
          @Override
          void moving() {
            journaledAtCall.add(journal().size());
          }
        };
    start(runtime);
    add(TestJob.topology(0, TestJob.INITIAL));
    add(TestJob.tick(0, 0));
    awaitEntry(JournalEntry.LeaseTaken.class);
    add(TestJob.fade(1, 0, TestJob.HEALTHY, FADED));
    JournalEntry.Intended intended = tickUntil(JournalEntry.Intended.class, 1, 0);
    JournalEntry.Executed executed = awaitEntry(JournalEntry.Executed.class);

    assertThat(executed.action()).isEqualTo(intended.plan().actionId());
    assertThat(journaledAtCall).containsExactly(2);
    assertThat(positionsOf(1)).containsEntry(DIAGNOSES, new OffsetAndMetadata(1));
  }

  @Test
  void revisionIsPlannedFromAndItsRecommendationsAreTold() throws Exception {
    start(fake);
    add(TestJob.topology(0, TestJob.INITIAL));
    add(TestJob.tick(0, 0));
    awaitEntry(JournalEntry.LeaseTaken.class);
    RecoveryAction move =
        new RecoveryAction.MoveLayers(
            TestJob.INITIAL, new StepTimePlanner().best(TestJob.SPEC, FADED));
    add(TestJob.fade(1, 0, TestJob.HEALTHY, FADED));
    add(TestJob.recommending(TestJob.fade(1, 0, TestJob.HEALTHY, FADED), move));
    tickUntil(JournalEntry.Intended.class, 1, 0);
    assertThat(await(told.recommended)).isEqualTo("0 refused, 1 lost, won false");
  }

  @Test
  void incidentThatIsOverIsLeftAlone() throws Exception {
    start(fake);
    add(TestJob.topology(0, TestJob.INITIAL));
    add(TestJob.tick(0, 0));
    awaitEntry(JournalEntry.LeaseTaken.class);
    Incident over =
        TestJob.incident(Incident.Phase.RESOLVED, 1, List.of(), TestJob.HEALTHY, TestJob.HEALTHY);
    add(TestJob.fade(1, 0, TestJob.HEALTHY, FADED));
    add(INCIDENTS, Codecs.INCIDENT.encode(over), false);
    for (long interval = 1; told.declined.isEmpty() && interval < 1_000; interval++) {
      add(TestJob.tick(interval, 0));
      Thread.onSpinWait();
    }
    assertThat(await(told.declined)).isEqualTo("the incident is over");
    assertThat(fake.calls()).isEmpty();
  }

  private Map<TopicPartition, OffsetAndMetadata> positionsOf(int transaction) {
    return producer.consumerGroupOffsetsHistory().get(transaction).values().iterator().next();
  }

  private List<ProducerRecord<String, byte[]>> journal() {
    return producer.history().stream()
        .filter(sent -> sent.topic().equals(Topics.ACTION_JOURNAL))
        .toList();
  }

  @Test
  void restartAsksForTheOpenActionInsteadOfMovingAgain() throws Exception {
    var planner = new StepTimePlanner();
    var plan =
        new RecoveryPlan(
            new ActionId("act-1"),
            TestJob.ID,
            TestJob.INCIDENT,
            0,
            1,
            new RecoveryAction.MoveLayers(TestJob.INITIAL, planner.best(TestJob.SPEC, FADED)),
            0.5,
            0.2,
            "because");
    fake.fence(TestJob.ID, 0);
    fake.move(TestJob.ID, plan.actionId(), 0, 0, planner.best(TestJob.SPEC, FADED));
    // The journal of the mock producer starts at 0 again: the new lease is term 0 here.
    start(
        fake,
        new JournalEntry.LeaseTaken(TestJob.ID, TestJob.end(0), "before"),
        new JournalEntry.Intended(TestJob.ID, TestJob.end(1), plan));
    add(TestJob.tick(2, 1));
    awaitEntry(JournalEntry.LeaseTaken.class);
    JournalEntry.Executed executed = tickUntil(JournalEntry.Executed.class, 3, 1);
    assertThat(executed.epoch()).isEqualTo(1);
    assertThat(fake.calls()).hasSize(1);
  }

  @Test
  void unreadableRecordIsToldAndTheNextOneIsRead() throws Exception {
    start(fake);
    add(METRICS, "nonsense".getBytes(StandardCharsets.UTF_8), false);
    add(TestJob.tick(0, 0));
    assertThat(await(told.skipped)).isEqualTo(Topics.SEGMENT_METRICS + "@0");
    awaitEntry(JournalEntry.LeaseTaken.class);
  }

  @Test
  void failureOfTheLoopIsTold() throws Exception {
    start(fake);
    add(TestJob.tick(0, 0));
    awaitEntry(JournalEntry.LeaseTaken.class);
    producer.fenceProducer();
    add(TestJob.fade(1, 0, TestJob.HEALTHY, FADED));
    Throwable failure = null;
    for (long interval = 1; failure == null && interval < 1_000; interval++) {
      add(TestJob.tick(interval, 0));
      failure = told.failed.poll(20, TimeUnit.MILLISECONDS);
    }
    assertThat(failure).isInstanceOf(ProducerFencedException.class);
  }

  /** A runtime that is watched. */
  private abstract static class Watched implements TrainingRuntime {
    private final TrainingRuntime inner;

    Watched(TrainingRuntime inner) {
      this.inner = inner;
    }

    abstract void moving();

    @Override
    public SplitTopology topology(JobId job) throws IOException {
      return inner.topology(job);
    }

    @Override
    public void fence(JobId job, long term) throws IOException {
      inner.fence(job, term);
    }

    @Override
    public MoveResult move(JobId job, ActionId action, long term, long epoch, Placement target)
        throws IOException {
      moving();
      return inner.move(job, action, term, epoch, target);
    }

    @Override
    public Optional<MoveResult> status(JobId job, ActionId action) throws IOException {
      return inner.status(job, action);
    }
  }
}
