package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.fault.FaultSchedule;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.proto.Envelope;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node does in steps, from one recovery to the next.
 *
 * @param job as far as its nodes take part
 * @param tail of a client that holds the last layers, too
 * @param clients what concerns several clients; empty when there is one
 * @param round on the data owner only: has all clients do a step
 */
record Participation(
    JobSpec job,
    SegmentWorker worker,
    Optional<SegmentWorker> tail,
    Optional<ClientTraining> clients,
    Optional<StepRound> round)
    implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Participation.class);

  /** What all participations of a node use. */
  record Wiring(
      Training.Setting setting,
      TrainingClock clock,
      NodeMetrics metrics,
      Router router,
      Consumer<Throwable> fatal) {}

  /**
   * Takes part from a step on.
   *
   * @param job as far as its nodes take part
   */
  static Participation of(Wiring wiring, JobSpec job, Assignment assignment, long nextStep) {
    Training.Setting setting = wiring.setting();
    NodeId self = setting.node().id();
    SegmentWorker worker = worker(wiring, job, assignment, nextStep, setting.compute());
    Optional<SegmentWorker> tail =
        Optional.of(assignment)
            .filter(Assignment::inSteps)
            .flatMap(own -> Assignment.tail(job, self, own.epoch(), own.placement()))
            .flatMap(
                last ->
                    setting.tail().map(compute -> worker(wiring, job, last, nextStep, compute)));
    Optional<ClientTraining> clients =
        job.scheme().peers().isEmpty()
            ? Optional.empty()
            : Optional.of(
                ClientTraining.of(
                    setting,
                    job,
                    assignment.placement(),
                    nextStep,
                    worker,
                    wiring.router(),
                    wiring.fatal()));
    Optional<StepRound> round =
        self.equals(job.dataOwner())
            ? Optional.of(
                clients
                    .<StepRound>flatMap(ClientTraining::rounds)
                    .orElseGet(
                        () ->
                            StepRound.alone(
                                worker,
                                new ClientData(
                                    setting.job(), job, self, setting.data(), setting.seed()))))
            : Optional.empty();
    return new Participation(job, worker, tail, clients, round);
  }

  private static SegmentWorker worker(
      Wiring wiring, JobSpec job, Assignment assignment, long nextStep, SegmentCompute compute) {
    Training.Setting setting = wiring.setting();
    FaultSchedule faults = setting.faults();
    NodeId self = setting.node().id();
    return new SegmentWorker(
        job,
        setting.node(),
        assignment,
        nextStep,
        compute,
        (indices, seconds) -> labels(setting.data(), faults, indices, seconds),
        setting.thread(),
        pacing(setting.environment(), faults.contends(self)),
        seconds -> faults.slowdown(self, seconds),
        wiring.clock(),
        wiring.metrics(),
        (to, body) -> {
          CompletableFuture<Void> unused = wiring.router().send(to, body);
        },
        wiring.fatal());
  }

  private static int[] labels(Dataset data, FaultSchedule faults, int[] indices, double seconds) {
    int[] labels = data.labels(indices).clone();
    for (int i = 0; i < labels.length; i++) {
      int sample = indices[i / (labels.length / indices.length)];
      labels[i] = faults.driftedLabel(sample, labels[i], data.classes(), seconds);
    }
    return labels;
  }

  /** Threads that compete slow what computes, not what waits. */
  private static Pacing pacing(NodeEnvironment environment, boolean contended) {
    return contended
        ? new ProcessorPacing(
            environment.nanoTime(), ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime)
        : new Pacing(environment.pacer(), environment.nanoTime());
  }

  /** Takes a message of training for this node; done when there is room for more. */
  CompletionStage<Void> accept(Envelope envelope) {
    return switch (envelope.getBodyCase()) {
      case ACTIVATION -> tail.orElse(worker).accept(envelope);
      case GRADIENT -> worker.accept(envelope);
      case CLOSE -> round.isEmpty() ? worker.accept(envelope) : several(envelope);
      case COMMAND, REPORT, CHUNK -> several(envelope);
      case PROBE, BODY_NOT_SET -> LinkReceiver.NOW;
    };
  }

  private CompletionStage<Void> several(Envelope envelope) {
    if (epoch(envelope) != worker.assignment().epoch()) {
      LOG.debug("a {} is of another epoch: dropped", envelope.getBodyCase());
      return LinkReceiver.NOW;
    }
    return clients
        .orElseThrow(
            () ->
                new IllegalArgumentException("a message for several clients came, the job has one"))
        .accept(envelope);
  }

  private static long epoch(Envelope envelope) {
    return switch (envelope.getBodyCase()) {
      case COMMAND -> envelope.getCommand().getEpoch();
      case REPORT -> envelope.getReport().getEpoch();
      case CLOSE -> envelope.getClose().getEpoch();
      case CHUNK -> envelope.getChunk().getEpoch();
      case ACTIVATION, GRADIENT, PROBE, BODY_NOT_SET -> -1;
    };
  }

  /** See {@link SegmentWorker#compress}. */
  void compress(LinkCompressions compressions, long seed) {
    worker.compress(compressions, seed);
    tail.ifPresent(end -> end.compress(compressions, seed));
  }

  /**
   * Gives up what is under way, and takes part in nothing more.
   *
   * @return the first step that has not been done here
   */
  long abandon() throws InterruptedException, ExecutionException {
    close();
    if (tail.isPresent()) {
      long unused = tail.get().abandon().get();
    }
    return worker.abandon().get();
  }

  @Override
  public void close() {
    clients.ifPresent(ClientTraining::close);
  }
}
