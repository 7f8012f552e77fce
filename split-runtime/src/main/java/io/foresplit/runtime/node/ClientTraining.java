package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.proto.Envelope;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What a node has when its job has several clients, wired together.
 *
 * @param job as far as its clients take part
 * @param side on clients
 * @param rounds on the data owner
 */
record ClientTraining(
    JobSpec job, ClientModels models, Optional<ClientSide> side, Optional<ClientRounds> rounds)
    implements AutoCloseable {
  static ClientTraining of(
      Training.Setting setting,
      JobSpec job,
      Placement placement,
      long nextStep,
      SegmentWorker worker,
      Router router,
      Consumer<Throwable> fatal) {
    NodeId self = setting.node().id();
    SegmentWorker.Sender sender =
        (to, body) -> {
          CompletableFuture<Void> unused = router.send(to, body);
        };
    LongSupplier epoch = () -> worker.assignment().epoch();
    ClientModels models =
        new ClientModels(
            job,
            self,
            placement,
            setting.thread(),
            new NodeLayers(job, setting.compute(), setting.tail()),
            router::send,
            worker,
            fatal);
    return new ClientTraining(
        job,
        models,
        job.clients().contains(self)
            ? Optional.of(
                new ClientSide(
                    job,
                    worker,
                    new ClientData(setting.job(), job, self, setting.data(), setting.seed()),
                    models,
                    sender,
                    fatal))
            : Optional.empty(),
        self.equals(job.dataOwner())
            ? Optional.of(new ClientRounds(job, nextStep, sender, epoch))
            : Optional.empty());
  }

  /**
   * Takes a command, a report, the end of a step or layers of a client; done when there is room for
   * more. {@link IllegalArgumentException} when it is not for this node, or not for its sender to
   * send.
   */
  CompletionStage<Void> accept(Envelope envelope) {
    NodeId from = new NodeId(envelope.getFrom());
    switch (envelope.getBodyCase()) {
      case COMMAND -> {
        require(from.equals(job.dataOwner()) && side.isPresent(), envelope);
        side.orElseThrow().accept(envelope.getCommand());
      }
      case REPORT -> {
        require(job.clients().contains(from) && rounds.isPresent(), envelope);
        rounds.orElseThrow().accept(envelope);
      }
      case CLOSE -> {
        require(job.tier(from) > 0 && rounds.isPresent(), envelope);
        rounds.orElseThrow().accept(envelope);
      }
      case CHUNK -> {
        return models.accept(from, envelope.getChunk());
      }
      case ACTIVATION, GRADIENT, PROBE, BODY_NOT_SET -> {}
    }
    return LinkReceiver.NOW;
  }

  private static void require(boolean holds, Envelope envelope) {
    if (!holds) {
      throw new IllegalArgumentException(
          "a "
              + envelope.getBodyCase()
              + " from "
              + envelope.getFrom()
              + " to "
              + envelope.getTo()
              + " is none of the job's training scheme");
    }
  }

  @Override
  public void close() {
    rounds.ifPresent(ClientRounds::giveUp);
    side.ifPresent(ClientSide::close);
    models.close();
  }
}
