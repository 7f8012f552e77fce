package io.foresplit.app.bench.pipeline;

import io.foresplit.app.config.StartupException;
import io.foresplit.app.service.StreamsStage;
import io.foresplit.bench.evaluate.Stages;
import io.foresplit.collector.CollectorConfig;
import io.foresplit.collector.CollectorListener;
import io.foresplit.collector.stream.CollectorTopology;
import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.JobId;
import io.foresplit.contract.Rejection;
import io.foresplit.contract.Topics;
import io.foresplit.contract.TrainingRuntime;
import io.foresplit.diagnoser.DiagnoserConfig;
import io.foresplit.diagnoser.DiagnoserListener;
import io.foresplit.diagnoser.stream.DiagnosisTopology;
import io.foresplit.forecaster.stream.ForecastTopology;
import io.foresplit.forecaster.stream.ForecasterListener;
import io.foresplit.recovery.RecoveryConfig;
import io.foresplit.recovery.RecoveryListener;
import io.foresplit.recovery.kafka.RecoveryService;
import io.foresplit.runtime.plan.CutPlanner;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.Topology;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The four stages as the service runs them; closing it stops them. Not thread-safe. */
final class StagesUnderLoad implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(StagesUnderLoad.class);
  private static final TopicPartition LOG = new TopicPartition(Topics.SEGMENT_METRICS, 0);

  /**
   * The service catches up with 240 intervals, which is hardly any time where an interval is a
   * millisecond.
   */
  private static final int LONGEST_CATCH_UP = 1_200_000;

  /** Recovery commits positions alone only after so many records. */
  private static final int RECOVERY_COMMITS_EVERY = 500;

  /** Records of the log that may be left when it counts as read: some only end transactions. */
  private static final int LEFT = 100;

  private static final long LOOK_NANOS = 100_000_000;

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
  private final LongAdder rejected = new LongAdder();
  private final Admin admin;

  /**
   * Starts them and waits until they run.
   *
   * @param judged told the job and interval that the forecaster judged, on its thread
   */
  StagesUnderLoad(
      String bootstrapServers,
      Path states,
      TrainingRuntime runtime,
      InstantSource clock,
      Consumer<String> judged)
      throws InterruptedException {
    Map<String, Object> clients =
        Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
    parts.push(admin);
    CutPlanner planner = new CutPlanner();
    try {
      List<StreamsStage> stages =
          List.of(
              stage("collector", collector(), bootstrapServers, states),
              stage(
                  "forecaster",
                  ForecastTopology.build(Stages.ofService().forecaster(), hearing(judged)),
                  bootstrapServers,
                  states),
              stage(
                  "diagnoser",
                  DiagnosisTopology.build(
                      DiagnoserConfig.defaults(), planner, DiagnoserListener.NONE),
                  bootstrapServers,
                  states));
      RecoveryService recovery =
          new RecoveryService(
              RecoveryConfig.defaults(), clients, runtime, planner, clock, listener());
      parts.push(recovery);
      recovery.start();
      for (StreamsStage stage : stages) {
        stage.awaitRunning();
      }
    } catch (RuntimeException | InterruptedException e) {
      close();
      throw e;
    }
  }

  private StreamsStage stage(String name, Topology topology, String servers, Path states) {
    StreamsStage stage = StreamsStage.start(name, topology, servers, states, this::failed);
    parts.push(stage);
    return stage;
  }

  private Topology collector() {
    CollectorConfig usual = CollectorConfig.defaults();
    return CollectorTopology.build(
        new CollectorConfig(
            usual.graceIntervals(),
            LONGEST_CATCH_UP,
            usual.quiet(),
            usual.longestWait(),
            usual.checkEvery(),
            usual.partitions()),
        new CollectorListener() {
          @Override
          public void rejected(Rejection.Code code) {
            rejected.increment();
          }
        });
  }

  private static ForecasterListener hearing(Consumer<String> judged) {
    return new ForecasterListener() {
      @Override
      public void risksJudged(JobId job, long interval, List<BreachRisk> risks) {
        judged.accept(Arrivals.key(job.value(), interval));
      }
    };
  }

  private RecoveryListener listener() {
    return new RecoveryListener() {
      @Override
      public void failed(Throwable problem) {
        StagesUnderLoad.this.failed(problem);
      }
    };
  }

  private void failed(Throwable problem) {
    failure.complete(problem);
  }

  /** Records that the collector has rejected so far. */
  long rejected() {
    return rejected.sum();
  }

  /** Fails when a stage has. */
  void requireRunning() {
    if (failure.isDone()) {
      Throwable problem = failure.join();
      throw new StartupException("a stage stopped: " + problem, problem);
    }
  }

  /** Records of the job log so far. */
  long logged() throws InterruptedException, ExecutionException {
    return admin.listOffsets(Map.of(LOG, OffsetSpec.latest())).partitionResult(LOG).get().offset();
  }

  /** How far each stage is behind, of what has been logged since then. */
  PipelineReport.Behind behind(long since) throws InterruptedException, ExecutionException {
    long end = logged();
    return new PipelineReport.Behind(
        behind("foresplit-forecaster", 0, since, end),
        behind("foresplit-diagnoser", 0, since, end),
        behind(RecoveryService.GROUP, RECOVERY_COMMITS_EVERY - 1, since, end));
  }

  /** Waits until all stages have read what is logged, or the limit is over. */
  void awaitRead(double seconds, LongSupplier nanoTime)
      throws InterruptedException, ExecutionException {
    long end = nanoTime.getAsLong() + (long) (seconds * 1e9);
    while (behind(0).most() * logged() > LEFT && nanoTime.getAsLong() < end) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private double behind(String group, int unseen, long since, long end)
      throws InterruptedException, ExecutionException {
    OffsetAndMetadata at =
        admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().get(LOG);
    long read = Math.max(since, (at == null ? 0 : at.offset()) + unseen);
    return end <= since ? 0 : Math.max(0, end - read) / (double) (end - since);
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        LOGGER.warn("{} did not stop in order", part.getClass().getSimpleName(), e);
      }
    }
  }
}
