package io.foresplit.runtime.coordinator;

import io.foresplit.contract.NodeId;
import io.foresplit.runtime.coordinator.PreCopyDecision.Decision;
import io.foresplit.runtime.coordinator.PreCopyDecision.Next;
import io.foresplit.runtime.coordinator.PreCopyDecision.Rounds;
import io.foresplit.runtime.coordinator.PreCopyDecision.Verdict;
import io.foresplit.runtime.proto.CopyProgress;
import io.foresplit.runtime.proto.LayerDigest;
import io.foresplit.runtime.proto.TransferResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pre-copies of one move, side by side. Each of its shifts is copied while training goes on, or
 * falls back to stop and copy for a reason that is told. Used by one thread.
 */
final class PreCopy {
  private static final Logger LOG = LoggerFactory.getLogger(PreCopy.class);

  private final LayerMove move;
  private final Segments segments;
  private final MovePolicy policy;
  private final Map<LayerMove.Shift, Live> live = new LinkedHashMap<>();
  private final Map<LayerMove.Shift, String> fallen = new LinkedHashMap<>();
  private final Map<LayerMove.Shift, Long> replayedSteps = new LinkedHashMap<>();
  private long sentBytes;

  /** One shift that is being copied. */
  private static final class Live {
    private Rounds rounds = Rounds.NONE;
    private boolean installed;
    private boolean ready;
    private long firstStep;
    private long sentBytes;
  }

  /** Chooses which shifts of a move to copy while training goes on; nothing has begun then. */
  PreCopy(
      LayerMove move,
      Segments segments,
      MovePolicy policy,
      Function<LayerMove.Shift, CopyEstimate> estimates) {
    this.move = move;
    this.segments = segments;
    this.policy = policy;
    for (LayerMove.Shift shift : move.shifts()) {
      Decision decision = PreCopyDecision.before(policy, estimates.apply(shift));
      if (decision.verdict() == Verdict.STOP_AND_COPY) {
        fallen.put(shift, decision.why());
      } else {
        live.put(shift, new Live());
      }
    }
  }

  /** Whether any shift is copied while training goes on. */
  boolean any() {
    return !live.isEmpty();
  }

  /** Has targets veto or expect, and then sources begin. */
  void begin() throws IOException {
    Map<NodeId, List<LayerMove.Shift>> byTarget =
        live.keySet().stream()
            .collect(
                Collectors.groupingBy(
                    LayerMove.Shift::target, LinkedHashMap::new, Collectors.toList()));
    for (Map.Entry<NodeId, List<LayerMove.Shift>> entry : byTarget.entrySet()) {
      segments.expect(entry.getKey(), move.action(), move.epoch(), move.to(), entry.getValue());
    }
    for (Map.Entry<LayerMove.Shift, Live> entry : live.entrySet()) {
      entry.getValue().firstStep = segments.copy(move.action(), move.epoch(), entry.getKey());
    }
  }

  /** Looks at each copy and decides what becomes of it. */
  void observe() throws IOException {
    for (LayerMove.Shift shift : List.copyOf(live.keySet())) {
      Live copy = live.get(shift);
      if (copy == null || copy.ready) {
        continue;
      }
      CopyProgress source = segments.observe(shift.source(), move.action(), move.epoch(), shift);
      CopyProgress target = segments.observe(shift.target(), move.action(), move.epoch(), shift);
      copy.installed = target.getInstalled();
      copy.sentBytes = source.getSentBytes();
      Next next = PreCopyDecision.during(policy, copy.rounds, source, target);
      copy.rounds = next.rounds();
      switch (next.decision().verdict()) {
        case WAIT -> LOG.debug("{}: {}", shift, next.decision().why());
        case CUT_OVER -> {
          LOG.info("move {}: {} is cut over: {}", move.action(), shift, next.decision().why());
          copy.ready = true;
        }
        case STOP_AND_COPY -> fall(shift, next.decision().why());
      }
    }
  }

  /** Whether every snapshot under way is in place. */
  boolean installed() {
    return any() && live.values().stream().allMatch(copy -> copy.installed);
  }

  /** Whether no copy needs more time before the hold. */
  boolean decided() {
    return live.values().stream().allMatch(copy -> copy.ready);
  }

  /**
   * Has the last steps replayed, training being held, and compares. What differs or cannot be told
   * falls back.
   *
   * @return what layers are, by the shift they came with
   */
  Map<LayerMove.Shift, List<LayerDigest>> match(long nextStep, Executor calls) throws IOException {
    Map<LayerMove.Shift, CompletableFuture<TransferResponse>> sources = new LinkedHashMap<>();
    Map<LayerMove.Shift, CompletableFuture<TransferResponse>> targets = new LinkedHashMap<>();
    for (LayerMove.Shift shift : live.keySet()) {
      sources.put(shift, digest(shift.source(), shift, nextStep, calls));
      targets.put(shift, digest(shift.target(), shift, nextStep, calls));
    }
    Map<LayerMove.Shift, List<LayerDigest>> same = new LinkedHashMap<>();
    Map<LayerMove.Shift, String> problems = new LinkedHashMap<>();
    sources.forEach(
        (shift, asked) -> {
          try {
            TransferResponse source = asked.join();
            TransferResponse target = targets.getOrDefault(shift, asked).join();
            Live copy = live.getOrDefault(shift, new Live());
            copy.sentBytes = source.getSentBytes();
            if (source.getLayersList().equals(target.getLayersList())) {
              same.put(shift, source.getLayersList());
              sentBytes += copy.sentBytes;
              replayedSteps.put(shift, nextStep - copy.firstStep);
            } else {
              problems.put(shift, "what was replayed differs from the source");
            }
          } catch (CompletionException e) {
            problems.put(
                shift, String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
          }
        });
    for (Map.Entry<LayerMove.Shift, String> problem : problems.entrySet()) {
      fall(problem.getKey(), problem.getValue());
    }
    return same;
  }

  private CompletableFuture<TransferResponse> digest(
      NodeId node, LayerMove.Shift shift, long nextStep, Executor calls) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return segments.digest(
                node, move.action(), move.epoch(), shift, nextStep, policy.replayLimit());
          } catch (IOException e) {
            throw new CompletionException(e);
          }
        },
        calls);
  }

  private void fall(LayerMove.Shift shift, String why) throws IOException {
    LOG.warn("move {}: layers of {} are stopped and copied: {}", move.action(), shift, why);
    fallen.put(shift, why);
    Live copy = live.remove(shift);
    sentBytes += copy == null ? 0 : copy.sentBytes;
    segments.cancel(shift.source(), move.action(), move.epoch(), shift);
    segments.cancel(shift.target(), move.action(), move.epoch(), shift);
  }

  /** Shifts whose state must be sent while training is held. */
  List<LayerMove.Shift> toTransfer() {
    return move.shifts().stream().filter(fallen::containsKey).toList();
  }

  /** What copies have sent, those that were given up included. */
  long sentBytes() {
    return sentBytes;
  }

  /** How each shift went, for people. */
  String describe() {
    return move.shifts().stream()
        .map(
            shift ->
                replayedSteps.containsKey(shift)
                    ? shift + " pre-copied, " + replayedSteps.get(shift) + " steps replayed"
                    : shift + " stopped and copied: " + fallen.getOrDefault(shift, "given up"))
        .collect(Collectors.joining("; "));
  }
}
