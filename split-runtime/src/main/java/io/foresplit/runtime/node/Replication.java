package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.ReplicationSpec;
import io.foresplit.runtime.OwnedLayer;
import io.foresplit.runtime.proto.HeldStep;
import io.foresplit.runtime.proto.StateChunk;
import io.foresplit.runtime.tensor.LayerState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a snapshot of the segment at step boundaries that are the same on all nodes, and has it
 * carried to another node's memory and to a folder while training goes on. What is being carried is
 * finished; of what waits the newest wins. Thread-safe.
 *
 * <p>A snapshot is skipped when too much is kept already, which happens when replicas cannot keep
 * up: then the bound is the same number of boundaries past the recovery point on all nodes, so that
 * they meet again at a common one [derived].
 */
final class Replication implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Replication.class);

  /** Most of a link's time that replicas take; within it they give way to steps. */
  private static final double LINK_SHARE = 0.5;

  private final JobSpec job;
  private final ReplicationSpec spec;
  private final NodeId self;
  private final String owner;
  private final NodeLayers own;
  private final ReplicaStore store;
  private final IncomingReplicas incoming;
  private final Optional<ReplicaFolder> folder;
  private final NodeEnvironment environment;
  private final Newest<Snapshot> toNeighbour = new Newest<>();
  private final Newest<Snapshot> toFolder = new Newest<>();
  private final List<Thread> threads = new ArrayList<>();

  /** Held while a file is written, before the lock of this: heartbeats do not wait for disks. */
  private final Object filing = new Object();

  // guarded by this
  private final SortedMap<Long, SortedSet<OwnedLayer>> filed = new TreeMap<>();
  private long leastEpoch;

  private volatile long lastDue;
  private volatile long point;
  private volatile JobSpec present;
  private volatile List<NodeId> route;
  private volatile Optional<BackgroundSender> background = Optional.empty();

  /** What the segment is as of a boundary. */
  private record Snapshot(long epoch, long step, List<LayerState> layers) {}

  /**
   * Of one node.
   *
   * @param job as declared
   * @param own layers of this node
   */
  Replication(
      JobSpec job, ReplicationSpec spec, NodeId self, NodeLayers own, NodeEnvironment environment) {
    this.job = job;
    this.spec = spec;
    this.self = self;
    this.own = own;
    owner = OwnedLayer.owner(job, self);
    present = job;
    this.environment = environment;
    int states = job.scheme().ownLayers() ? job.clients().size() : 1;
    store =
        new ReplicaStore(
            states * job.layers().stream().mapToLong(LayerProfile::parameterBytes).sum());
    incoming = new IncomingReplicas(job, spec, self, store);
    folder = spec.folder().map(path -> new ReplicaFolder(Path.of(path), job.id()));
    route = job.nodes().stream().map(node -> node.id()).toList();
  }

  /** Training begins here. */
  synchronized void start(Training training) {
    BackgroundSender sender =
        new BackgroundSender(
            training.router()::send, environment.nanoTime(), environment.pacer(), LINK_SHARE);
    background = Optional.of(sender);
    attach(training);
    if (spec.neighbour()) {
      begin("replicas", () -> send(toNeighbour.take(), sender));
    }
    if (folder.isPresent()) {
      begin("replica-files", () -> write(toFolder.take(), folder.get()));
    }
  }

  /** From now on steps are done by another worker. */
  void attach(Training training) {
    SegmentWorker worker = training.worker();
    present = training.job();
    worker.atBoundaries(step -> boundary(step, worker.assignment()));
  }

  /** One turn of a loop. */
  @FunctionalInterface
  private interface Turn {
    void run() throws InterruptedException;
  }

  private void begin(String name, Turn turn) {
    Thread thread =
        new Thread(
            () -> {
              try {
                while (true) {
                  turn.run();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  /** On the compute thread: a step is done here, or has gone on without this client. */
  private void boundary(long step, Assignment assignment) {
    long due = step - step % spec.snapshotSteps();
    boolean wanted = owner.isEmpty() ? step == due : due > lastDue;
    if (!assignment.holdsLayers() || !wanted) {
      return;
    }
    lastDue = due;
    int most = store.mostSteps();
    if (store.keptSince(point, new OwnedLayer(owner, assignment.firstLayer())) >= most) {
      LOG.debug("no snapshot at step {}: {} are kept since {}", due, most, point);
      return;
    }
    take(assignment.epoch(), due, own.export(assignment.firstLayer(), assignment.lastLayer()));
  }

  private void take(long epoch, long step, List<LayerState> layers) {
    store.keep(step, owner, layers);
    Snapshot snapshot = new Snapshot(epoch, step, layers);
    toNeighbour.put(snapshot);
    toFolder.put(snapshot);
  }

  private void send(Snapshot snapshot, BackgroundSender sender) throws InterruptedException {
    ReplicaRoute keepers = new ReplicaRoute(present, spec, route);
    Map<NodeId, StateTransfer> transfers = new LinkedHashMap<>();
    try {
      for (LayerState state : snapshot.layers()) {
        Optional<NodeId> keeper = keepers.keeper(self, state.layer());
        if (keeper.isPresent()) {
          transfers
              .computeIfAbsent(
                  keeper.get(),
                  k ->
                      new StateTransfer(
                          sender,
                          k,
                          StateTransfer.sharedChunkBytes(keepers.bytesPerSecond(self, k)),
                          StateTransfer.SHARED_WINDOW))
              .send(
                  StateChunk.newBuilder()
                      .setPart(StateChunk.Part.REPLICA)
                      .setLayer(state.layer())
                      .setStep(snapshot.step())
                      .setEpoch(snapshot.epoch()),
                  state.encode());
        }
      }
      for (StateTransfer transfer : transfers.values()) {
        transfer.flush();
      }
    } catch (ExecutionException
        | CompletionException
        | IllegalStateException
        | IllegalArgumentException e) {
      if (e.getCause() instanceof InterruptedException) {
        throw new InterruptedException("the node ends");
      }
      LOG.info("replicas of step {} did not get away: {}", snapshot.step(), e.getMessage());
    }
  }

  private void write(Snapshot snapshot, ReplicaFolder into) {
    SortedSet<OwnedLayer> written = new TreeSet<>();
    try {
      for (LayerState state : snapshot.layers()) {
        if (spec.mayFile(job, state.layer())) {
          synchronized (filing) {
            if (overtaken(snapshot)) {
              return;
            }
            into.write(snapshot.step(), owner, state);
            filed(snapshot.step(), new OwnedLayer(owner, state.layer()));
          }
          written.add(new OwnedLayer(owner, state.layer()));
        }
      }
      into.dropBefore(point, written);
    } catch (IOException e) {
      LOG.warn("replicas of step {} could not be written: {}", snapshot.step(), e.toString());
    }
  }

  private synchronized boolean overtaken(Snapshot snapshot) {
    return snapshot.epoch() < leastEpoch;
  }

  private synchronized void filed(long step, OwnedLayer layer) {
    filed.computeIfAbsent(step, s -> new TreeSet<>()).add(layer);
  }

  /** Takes a chunk of another node's replica. */
  void accept(String sender, StateChunk chunk) {
    incoming.accept(sender, chunk);
  }

  /** States of earlier steps are needed no more. */
  synchronized void recoveryPoint(long step) {
    if (step > point) {
      point = step;
      store.dropBefore(step);
      filed.headMap(step).clear();
    }
  }

  /** Other nodes are in use: replicas go to those. */
  void regroup(List<NodeId> next) {
    route = List.copyOf(next);
    background.ifPresent(BackgroundSender::giveUp);
  }

  /** Keeps states of this node's layers that have come for a recovery. */
  void keep(long step, List<LayerState> states) {
    store.keep(step, owner, states);
  }

  /** What is kept of a layer as of a boundary. */
  Optional<LayerState> get(long step, OwnedLayer layer) {
    return store.get(step, layer).or(() -> folder.flatMap(files -> files.read(step, layer)));
  }

  /**
   * Training goes on from an earlier step: what was kept of later ones has not happened.
   *
   * @param layers of this node as of this step
   */
  void restored(long epoch, long step, List<LayerState> layers) {
    lastDue = step;
    synchronized (filing) {
      synchronized (this) {
        leastEpoch = epoch;
        point = Math.min(point, step);
        store.dropAfter(step);
        filed.tailMap(step + 1).clear();
      }
      folder.ifPresent(files -> files.dropAfter(step));
    }
    incoming.restartAt(epoch);
    background.ifPresent(BackgroundSender::giveUp);
    take(epoch, step, layers);
  }

  /**
   * What is kept here.
   *
   * @param files whether to look into the folder, which others may have written to
   */
  List<HeldStep> held(boolean files) {
    SortedMap<Long, SortedSet<OwnedLayer>> all = store.held();
    if (files) {
      folder.ifPresent(there -> merge(there.held(), all));
    }
    SortedMap<Long, SortedSet<OwnedLayer>> filedHere = new TreeMap<>();
    synchronized (this) {
      merge(filed, filedHere);
    }
    merge(filedHere, all);
    List<HeldStep> held = new ArrayList<>();
    all.forEach(
        (step, layers) -> {
          SortedMap<String, HeldStep.Builder> owners = new TreeMap<>();
          for (OwnedLayer layer : layers) {
            HeldStep.Builder entry =
                owners.computeIfAbsent(
                    layer.owner(), of -> HeldStep.newBuilder().setStep(step).setOwner(of));
            entry.addLayers(layer.layer());
            if (filedHere.getOrDefault(step, new TreeSet<>()).contains(layer)) {
              entry.addFiled(layer.layer());
            }
          }
          owners.values().forEach(entry -> held.add(entry.build()));
        });
    return held;
  }

  private static void merge(
      SortedMap<Long, SortedSet<OwnedLayer>> from, SortedMap<Long, SortedSet<OwnedLayer>> into) {
    from.forEach((step, layers) -> into.computeIfAbsent(step, s -> new TreeSet<>()).addAll(layers));
  }

  @Override
  public synchronized void close() {
    threads.forEach(Thread::interrupt);
    background.ifPresent(BackgroundSender::giveUp);
  }
}
