package io.foresplit.runtime.coordinator;

import io.foresplit.contract.NodeId;
import io.foresplit.contract.SplitTopology;
import io.foresplit.runtime.coordinator.RecoveryPlan.GoOn;
import io.foresplit.runtime.coordinator.RecoveryPlan.Provision;
import io.foresplit.runtime.coordinator.RecoveryPlan.Wait;
import io.foresplit.runtime.coordinator.RecoveryPlanner.Survey;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.proto.HeldStep;
import io.foresplit.runtime.proto.LayerDigest;
import io.foresplit.runtime.proto.StepRecord;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a recovery through its states: halt who is left, plan, restore, check, commit, activate,
 * resume. Begins again whenever nodes die or come back on the way. One instance a recovery, used by
 * one thread.
 */
final class RecoveryProtocol {
  private static final Logger LOG = LoggerFactory.getLogger(RecoveryProtocol.class);
  private static final Duration BACKOFF = Duration.ofMillis(100);

  private final Survivors survivors;
  private final RecoveryPlanner planner;
  private final Executor calls;
  private final Job job;
  private RecoveryState state = RecoveryState.DETECTED;
  private Members members = new Members(-1, List.of(), List.of());
  private long recovery;
  private long done;

  /**
   * Who is there.
   *
   * @param version grows when nodes die or come
   * @param alive nodes, data owner first
   * @param newcomers those of them that have not been let in yet
   */
  record Members(long version, List<NodeId> alive, List<NodeId> newcomers) {
    Members {
      alive = List.copyOf(alive);
      newcomers = List.copyOf(newcomers);
    }
  }

  /**
   * How a recovery ended.
   *
   * @param lost steps that had been done and are done again
   * @param pausedMillis how long no step could start, as the data owner says
   */
  record Outcome(long epoch, GoOn plan, long lost, long pausedMillis) {}

  /** What a recovery uses of its job. */
  interface Job {
    Members members();

    /** A newcomer has been let in, if members have not changed since. */
    void welcomed(NodeId node, Members since);

    /** A number above all before, also those of earlier lives of the coordinator. */
    long nextRecovery();

    SplitTopology topology();

    LinkCompressions compression();

    /** Steps that the coordinator knows to be done. */
    long stepsKnown();

    /** The data owner tells of steps that were not known. */
    void logged(long since, List<StepRecord> steps);

    Instant started();

    /** Makes the next epoch durable. Throws when the old one is still the durable one. */
    void commit(GoOn plan) throws IOException;

    /** Returns when members have changed since. */
    void awaitChange(Members since) throws InterruptedException;

    /** Lets time pass, or returns early when members have changed since. */
    void pause(Duration time, Members since) throws InterruptedException;

    /** Is told each state, and what it waits for when it does. */
    void entered(RecoveryState state, String detail);
  }

  RecoveryProtocol(Survivors survivors, RecoveryPlanner planner, Executor calls, Job job) {
    this.survivors = survivors;
    this.planner = planner;
    this.calls = calls;
    this.job = job;
  }

  /** A call to a node. */
  @FunctionalInterface
  private interface Call<T> {
    T run() throws IOException;
  }

  /** Runs to the end, through as many attempts as it takes. */
  Outcome run() throws InterruptedException {
    job.entered(state, "");
    while (true) {
      members = job.members();
      recovery = job.nextRecovery();
      try {
        enter(RecoveryState.HALTING, "");
        long known = job.stepsKnown();
        Map<NodeId, Survivors.Halted> halted = halt(known);
        halted.values().forEach(at -> job.logged(known, at.log()));
        done = Math.max(done, done(halted));
        enter(RecoveryState.PLANNING, "");
        Survey survey = survey(halted);
        RecoveryPlan plan = planner.plan(survey, job.topology().placement());
        if (plan instanceof Wait wait) {
          LOG.info("{} steps are done, of these nodes keep {}", done, survey.inventory());
          enter(RecoveryState.WAITING, wait.reason());
          job.awaitChange(members);
          enter(RecoveryState.DETECTED, "");
          continue;
        }
        GoOn goOn = (GoOn) plan;
        prepare(goOn);
        job.commit(goOn);
        return finish(goOn);
      } catch (IOException e) {
        LOG.warn("recovery {} begins again while {}: {}", recovery, state, e.getMessage());
        job.pause(BACKOFF, members);
        enter(RecoveryState.DETECTED, "");
      }
    }
  }

  private Map<NodeId, Survivors.Halted> halt(long known) throws IOException, InterruptedException {
    Map<NodeId, Call<Survivors.Halted>> asked = new LinkedHashMap<>();
    for (NodeId node : members.alive()) {
      asked.put(
          node,
          () -> {
            if (members.newcomers().contains(node)) {
              survivors.welcome(node, job.topology(), job.compression(), job.started());
              job.welcomed(node, members);
            }
            return survivors.halt(node, recovery, known);
          });
    }
    return all(asked);
  }

  private Survey survey(Map<NodeId, Survivors.Halted> halted) {
    Map<NodeId, List<HeldStep>> held = new TreeMap<>();
    Set<NodeId> empty = new TreeSet<>();
    halted.forEach(
        (node, at) -> {
          held.put(node, at.held());
          if (at.empty()) {
            empty.add(node);
          }
        });
    return new Survey(members.alive(), empty, ReplicaInventory.of(held), done);
  }

  /**
   * A step is done when all segments have done it: the data owner is the last to, if it was the one
   * that drove.
   */
  private long done(Map<NodeId, Survivors.Halted> halted) {
    Survivors.Halted owner = halted.get(job.topology().job().dataOwner());
    if (owner != null && !owner.empty() && owner.epoch() == job.topology().epoch()) {
      return owner.nextStep();
    }
    return halted.values().stream()
        .mapToLong(Survivors.Halted::nextStep)
        .reduce(job.stepsKnown(), Math::max);
  }

  /** All before the commit. */
  private void prepare(GoOn plan) throws IOException, InterruptedException {
    long epoch = job.topology().epoch() + 1;
    enter(RecoveryState.RESTORING, plan.placement().describe() + " from step " + plan.step());
    Map<NodeId, Call<Boolean>> told = new LinkedHashMap<>();
    for (NodeId node : members.alive()) {
      told.put(
          node,
          () -> {
            survivors.regroup(node, recovery, plan.route());
            return true;
          });
    }
    all(told);
    Map<Provision, Call<List<LayerDigest>>> sends = new LinkedHashMap<>();
    for (Provision provision : plan.provisions()) {
      sends.put(provision, () -> survivors.provide(recovery, provision, plan));
    }
    Map<NodeId, List<LayerDigest>> arrived = new LinkedHashMap<>();
    all(sends)
        .forEach(
            (provision, layers) ->
                arrived.computeIfAbsent(provision.target(), t -> new ArrayList<>()).addAll(layers));
    enter(RecoveryState.CHECKING, "");
    Map<NodeId, Call<Boolean>> checks = new LinkedHashMap<>();
    for (NodeId node : members.alive()) {
      checks.put(
          node,
          () -> {
            survivors.check(node, recovery, epoch, plan, arrived.getOrDefault(node, List.of()));
            return true;
          });
    }
    all(checks);
  }

  /** All after the commit: repeated until it is done, or members have changed. */
  private Outcome finish(GoOn plan) throws IOException, InterruptedException {
    enter(RecoveryState.COMMITTED, "");
    long epoch = job.topology().epoch();
    enter(RecoveryState.ACTIVATING, "");
    Map<NodeId, Call<Boolean>> restores = new LinkedHashMap<>();
    for (NodeId node : members.alive()) {
      restores.put(
          node,
          () -> {
            survivors.restore(node, recovery, epoch, plan, job.compression());
            return true;
          });
    }
    repeat(RecoveryState.ACTIVATING, () -> all(restores));
    enter(RecoveryState.RESUMING, "");
    long paused = repeat(RecoveryState.RESUMING, () -> survivors.resume(recovery, epoch));
    enter(RecoveryState.DONE, "");
    return new Outcome(epoch, plan, Math.max(0, done - plan.step()), paused);
  }

  /** What may be repeated. */
  @FunctionalInterface
  private interface Attempt<T> {
    T run() throws IOException, InterruptedException;
  }

  private <T> T repeat(RecoveryState target, Attempt<T> attempt)
      throws IOException, InterruptedException {
    while (true) {
      try {
        return attempt.run();
      } catch (IOException e) {
        if (job.members().version() != members.version()) {
          throw e;
        }
        LOG.warn("recovery {} {} again: {}", recovery, target, e.getMessage());
        job.pause(BACKOFF, members);
        enter(target, "");
      }
    }
  }

  /** Makes calls side by side; fails when one fails, or members change meanwhile. */
  private <K, T> Map<K, T> all(Map<K, Call<T>> asked) throws IOException, InterruptedException {
    Map<K, CompletableFuture<T>> running = new LinkedHashMap<>();
    asked.forEach(
        (key, call) ->
            running.put(
                key,
                CompletableFuture.supplyAsync(
                    () -> {
                      try {
                        return call.run();
                      } catch (IOException e) {
                        throw new CompletionException(e);
                      }
                    },
                    calls)));
    Map<K, T> answers = new LinkedHashMap<>();
    for (Map.Entry<K, CompletableFuture<T>> entry : running.entrySet()) {
      while (!entry.getValue().isDone()) {
        if (job.members().version() != members.version()) {
          throw new IOException("nodes have died or come back meanwhile");
        }
        job.pause(Duration.ofMillis(2), members);
      }
      try {
        answers.put(entry.getKey(), entry.getValue().join());
      } catch (CompletionException e) {
        if (e.getCause() instanceof IOException failure) {
          throw new IOException(failure.getMessage(), failure);
        }
        if (e.getCause() instanceof RuntimeException bug) {
          throw bug;
        }
        throw e;
      }
    }
    return answers;
  }

  private void enter(RecoveryState target, String detail) {
    boolean news = state != target;
    state = state.to(target);
    if (news) {
      LOG.info("recovery {}: {} {}", recovery, state, detail);
    }
    job.entered(state, detail);
  }
}
