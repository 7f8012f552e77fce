package io.foresplit.app.training;

import io.foresplit.app.config.AppConfig;
import io.foresplit.app.config.StartupException;
import io.foresplit.app.service.Wiring;
import io.foresplit.app.view.RecordSink;
import io.foresplit.contract.JobId;
import io.foresplit.runtime.GrpcTrainingRuntime;
import io.foresplit.runtime.TrainingProgress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service, and the training that it looks after, whose processes somebody else has started.
 * Used by one thread.
 */
public final class ServedTraining implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServedTraining.class);
  private static final Duration FIRST_STEP_LIMIT = Duration.ofSeconds(60);
  private static final int LOOK_MILLIS = 100;

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final JobId job;
  private final AppConfig config;
  private final Wiring wiring;
  private final GrpcTrainingRuntime runtime;

  private ServedTraining(AppConfig config, JobId job, Wiring wiring, String coordinator) {
    this.config = config;
    this.job = job;
    this.wiring = wiring;
    runtime = new GrpcTrainingRuntime(coordinator);
    parts.push(wiring);
    parts.push(runtime);
  }

  /**
   * Starts the service.
   *
   * @param config with the port of the broker
   * @param coordinator of the training, {@code host:port}
   * @param sinks that also see what the topics say
   */
  public static ServedTraining start(
      AppConfig config, JobId job, String coordinator, List<RecordSink> sinks) {
    ServedTraining served = new ServedTraining(config, job, Wiring.broker(config), coordinator);
    try {
      served.wiring.stages(Optional.of(coordinator), sinks);
      return served;
    } catch (RuntimeException e) {
      served.close();
      throw e;
    }
  }

  /** Where the service listens. */
  public Wiring service() {
    return wiring;
  }

  /**
   * Waits for the first step.
   *
   * @param healthy throws when the processes of the training are not well
   * @return empty when it was stopped before
   */
  public Optional<TrainingProgress> awaitFirstStep(CountDownLatch stop, Runnable healthy)
      throws InterruptedException {
    long giveUp = System.nanoTime() + FIRST_STEP_LIMIT.toNanos();
    while (System.nanoTime() < giveUp) {
      healthy.run();
      try {
        TrainingProgress progress = runtime.progress(job, 0);
        if (progress.steps() > 0 && progress.started().isPresent()) {
          return Optional.of(progress);
        }
      } catch (IOException e) {
        LOG.debug("the coordinator is still starting; its end would be noticed", e);
      }
      if (stop.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        return Optional.empty();
      }
    }
    throw new StartupException(
        "no training step was done within "
            + FIRST_STEP_LIMIT.toSeconds()
            + " s; see the logs in "
            + config.dataDir().resolve("logs"));
  }

  /**
   * How far training is.
   *
   * @param sinceStep first step that is told
   */
  public TrainingProgress progress(long sinceStep) throws IOException {
    return runtime.progress(job, sinceStep);
  }

  /** Throws when a part of the service has failed. */
  public void requireHealthy() {
    if (wiring.failure().isDone()) {
      try {
        Throwable failure = wiring.failure().get();
        throw new StartupException(
            "a part of the service failed: "
                + failure.getMessage()
                + "; see "
                + config.dataDir().resolve("logs"),
            failure);
      } catch (InterruptedException | ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public void close() {
    closeAll(parts);
  }

  /** Closes parts, the last one first; a part that does not close in order holds up no other. */
  public static void closeAll(Deque<AutoCloseable> parts) {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        LOG.warn("{} did not stop in order", part.getClass().getSimpleName(), e);
      }
    }
  }
}
