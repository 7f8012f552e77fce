package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.runtime.proto.ClientCommand;
import io.foresplit.runtime.proto.ClientReport;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.StepClose;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Steps of several clients, driven by the data owner: it gives each its turn, hears how it went,
 * and has client layers handed over or averaged. {@link #accept} may be called by any thread.
 */
final class ClientRounds implements StepRound {
  private static final Logger LOG = LoggerFactory.getLogger(ClientRounds.class);

  private final StepPlan plan;
  private final boolean stragglers;
  private final SegmentWorker.Sender sender;
  private final LongSupplier epoch;
  private final long restoredAt;
  private final BlockingQueue<Envelope> inbox = new LinkedBlockingQueue<>();

  // confined to the driver's thread
  private final Map<NodeId, Long> busy = new TreeMap<>();
  private long nextStep;
  private long late;

  private volatile boolean over;

  /**
   * Rounds from a step on.
   *
   * @param nextStep when not 0, clients have their layers as of this step; what was to become of
   *     them between two steps is done first
   * @param epoch in force
   */
  ClientRounds(JobSpec job, long nextStep, SegmentWorker.Sender sender, LongSupplier epoch) {
    plan = new StepPlan(job);
    stragglers = job.scheme().leavesStragglers();
    this.nextStep = nextStep;
    restoredAt = nextStep;
    this.sender = sender;
    this.epoch = epoch;
  }

  /** The step that is being done is given up, and no other will be done. */
  void giveUp() {
    over = true;
    inbox.add(Envelope.getDefaultInstance());
  }

  private Envelope next() throws InterruptedException {
    Envelope envelope = inbox.take();
    if (over) {
      throw new CancellationException("the step is given up");
    }
    return envelope;
  }

  /** Takes what clients report, and the end of a step. */
  void accept(Envelope envelope) {
    inbox.add(envelope);
  }

  /** What is known of the step that is being done. */
  private static final class Round {
    private final long step;
    private final Map<NodeId, ClientReport> done = new TreeMap<>();
    private Optional<Set<NodeId>> members = Optional.empty();
    private int late;

    Round(long step) {
      this.step = step;
    }

    boolean complete() {
      return members.isPresent() && done.keySet().containsAll(members.get());
    }
  }

  @Override
  public Result run(long step) throws InterruptedException {
    long bytes = 0;
    Optional<NodeId> before =
        step == restoredAt ? Optional.empty() : plan.handsOver(step); // it has them already
    if (step == restoredAt && step > 0 && plan.averages(step - 1)) {
      bytes += average(step - 1);
    }
    if (before.isPresent()) {
      NodeId next = plan.clients(step).get(0);
      command(
          before.get(),
          ClientCommand.newBuilder()
              .setKind(ClientCommand.Kind.HAND_OVER)
              .setStep(step)
              .setTo(next.value()));
      bytes += models(step, Set.of(next), Optional.empty());
    }
    Round round = new Round(step);
    if (!stragglers) {
      round.members = Optional.of(Set.copyOf(plan.clients(step)));
    }
    for (NodeId client : plan.clients(step)) {
      if (!busy.containsKey(client)) {
        turn(client, step);
      }
    }
    while (!round.complete()) {
      hear(next(), Optional.of(round));
    }
    if (round.members.isPresent()) {
      round.late = plan.clients(step).size() - round.members.get().size();
    }
    if (round.late > 0) {
      late += round.late;
      LOG.info("step {} has gone on without {} clients, {} passes so far", step, round.late, late);
    }
    if (plan.averages(step)) {
      bytes += average(step);
    }
    nextStep = step + 1;
    return new Result(loss(round), round.late, bytes);
  }

  private double loss(Round round) {
    double sum = 0;
    long samples = 0;
    for (NodeId client : plan.clients(round.step)) {
      ClientReport report = round.done.get(client);
      if (report != null) {
        sum += report.getLoss() * report.getSamples();
        samples += report.getSamples();
      }
    }
    return sum / samples;
  }

  /** Layers of clients that are within a step are left out, and stay as they are. */
  private long average(long step) throws InterruptedException {
    List<NodeId> sharing = new ArrayList<>(plan.clients(step));
    sharing.removeAll(busy.keySet());
    if (sharing.size() < 2) {
      LOG.info("nothing is averaged after step {}: {} is there", step, sharing);
      return 0;
    }
    List<String> names = sharing.stream().map(NodeId::value).toList();
    for (NodeId client : sharing) {
      command(
          client,
          ClientCommand.newBuilder()
              .setKind(ClientCommand.Kind.SHARE)
              .setStep(step)
              .addAllClients(names));
    }
    return models(step, Set.copyOf(sharing), Optional.empty());
  }

  /** Waits until layers are in force on all of these clients; tells their bytes. */
  private long models(long step, Set<NodeId> clients, Optional<Round> round)
      throws InterruptedException {
    Set<NodeId> waiting = new HashSet<>(clients);
    long bytes = 0;
    while (!waiting.isEmpty()) {
      Envelope envelope = next();
      ClientReport report = envelope.getReport();
      if (envelope.hasReport()
          && report.getKind() == ClientReport.Kind.MODEL
          && report.getStep() == step) {
        waiting.remove(new NodeId(envelope.getFrom()));
        bytes += report.getBytes();
      } else {
        hear(envelope, round);
      }
    }
    return bytes;
  }

  private void hear(Envelope envelope, Optional<Round> round) {
    if (envelope.hasClose()) {
      closed(envelope.getClose(), round);
      return;
    }
    ClientReport report = envelope.getReport();
    if (!envelope.hasReport() || report.getKind() != ClientReport.Kind.STEP) {
      return;
    }
    NodeId client = new NodeId(envelope.getFrom());
    if (!busy.remove(client, report.getStep())) {
      LOG.warn("client {} reports step {}, which it was not given", client, report.getStep());
      return;
    }
    if (round.isEmpty()) {
      return;
    }
    Round now = round.get();
    if (report.getStep() == now.step && !report.getDropped()) {
      now.done.put(client, report);
    } else if (now.members.isEmpty()) {
      turn(client, now.step);
    }
  }

  private void closed(StepClose close, Optional<Round> round) {
    if (round.isPresent() && close.getStep() == round.get().step) {
      Set<NodeId> members = new HashSet<>();
      close.getPassesList().forEach(pass -> members.add(plan.client(pass)));
      round.get().members = Optional.of(members);
    }
  }

  @Override
  public void settle() throws InterruptedException {
    while (!busy.isEmpty() && !over) {
      hear(inbox.take(), Optional.empty());
    }
  }

  @Override
  public long nextStep() {
    return nextStep;
  }

  private void turn(NodeId client, long step) {
    busy.put(client, step);
    command(client, ClientCommand.newBuilder().setKind(ClientCommand.Kind.TURN).setStep(step));
  }

  private void command(NodeId client, ClientCommand.Builder command) {
    sender.send(client, Envelope.newBuilder().setCommand(command.setEpoch(epoch.getAsLong())));
  }
}
