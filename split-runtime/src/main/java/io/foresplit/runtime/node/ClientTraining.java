package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.proto.Envelope;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * What a node has when its job has several clients, wired together.
 *
 * @param side on clients
 * @param rounds on the data owner
 */
record ClientTraining(ClientModels models, Optional<ClientSide> side, Optional<ClientRounds> rounds)
    implements AutoCloseable {
  static ClientTraining of(
      Training.Setting setting,
      Placement placement,
      long nextStep,
      SegmentWorker worker,
      Router router,
      Consumer<Throwable> fatal) {
    JobSpec job = setting.job();
    NodeId self = setting.node().id();
    SegmentWorker.Sender sender =
        (to, body) -> {
          CompletableFuture<Void> unused = router.send(to, body);
        };
    ClientModels models =
        new ClientModels(
            job,
            self,
            placement,
            setting.thread(),
            setting.compute(),
            setting.tail(),
            router::send,
            fatal);
    return new ClientTraining(
        models,
        job.clients().contains(self)
            ? Optional.of(
                new ClientSide(
                    job,
                    worker,
                    new ClientData(job, self, setting.data(), setting.seed()),
                    models,
                    sender,
                    fatal))
            : Optional.empty(),
        self.equals(job.dataOwner())
            ? Optional.of(new ClientRounds(job, nextStep, sender))
            : Optional.empty());
  }

  /** Takes a command, a report, the end of a step or layers of a client. */
  void accept(Envelope envelope) {
    switch (envelope.getBodyCase()) {
      case COMMAND ->
          side.orElseThrow(() -> new IllegalStateException("a command came to no client"))
              .accept(envelope.getCommand());
      case REPORT, CLOSE -> rounds.ifPresent(heard -> heard.accept(envelope));
      case CHUNK -> models.accept(new NodeId(envelope.getFrom()), envelope.getChunk());
      case ACTIVATION, GRADIENT, PROBE, BODY_NOT_SET -> {}
    }
  }

  @Override
  public void close() {
    side.ifPresent(ClientSide::close);
    models.close();
  }
}
