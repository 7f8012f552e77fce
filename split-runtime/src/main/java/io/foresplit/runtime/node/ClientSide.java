package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.runtime.proto.ClientCommand;
import io.foresplit.runtime.proto.ClientReport;
import io.foresplit.runtime.proto.Envelope;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a client does when the data owner says so: a step with its own data, or sending its layers.
 * Thread-safe; commands are done one after the other.
 */
final class ClientSide implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClientSide.class);

  private final JobSpec job;
  private final SegmentWorker worker;
  private final ClientData data;
  private final ClientModels models;
  private final SegmentWorker.Sender sender;
  private final Consumer<Throwable> fatal;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread created = new Thread(task, "client");
            created.setDaemon(true);
            return created;
          });
  private volatile boolean closed;

  ClientSide(
      JobSpec job,
      SegmentWorker worker,
      ClientData data,
      ClientModels models,
      SegmentWorker.Sender sender,
      Consumer<Throwable> fatal) {
    this.job = job;
    this.worker = worker;
    this.data = data;
    this.models = models;
    this.sender = sender;
    this.fatal = fatal;
  }

  void accept(ClientCommand command) {
    try {
      thread.execute(
          () -> {
            try {
              obey(command);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            } catch (Exception e) {
              failed(e);
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.debug("a command for step {} comes too late", command.getStep());
    }
  }

  private void obey(ClientCommand command) throws Exception {
    switch (command.getKind()) {
      case TURN -> turn(command.getStep());
      case HAND_OVER ->
          models.handOver(command.getStep(), new NodeId(command.getTo()), data.samples());
      case SHARE ->
          models.share(
              command.getStep(), job.nodes().get(1).id(), data.samples(), command.getClientsList());
      case UNRECOGNIZED -> throw new IllegalStateException("an unknown command came: " + command);
    }
  }

  private void turn(long step) {
    var unused =
        worker
            .begin(step, data.passes(step))
            .whenComplete(
                (outcome, error) -> {
                  if (error != null) {
                    failed(error);
                    return;
                  }
                  sender.send(
                      job.dataOwner(),
                      Envelope.newBuilder()
                          .setReport(
                              ClientReport.newBuilder()
                                  .setKind(ClientReport.Kind.STEP)
                                  .setStep(step)
                                  .setEpoch(worker.assignment().epoch())
                                  .setLoss(outcome.loss())
                                  .setSamples(outcome.samples())
                                  .setDropped(outcome.dropped())));
                });
  }

  /** What is given up with this side is no failure. */
  private void failed(Throwable error) {
    if (!closed && !(error instanceof CancellationException)) {
      fatal.accept(error);
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.shutdownNow();
  }
}
