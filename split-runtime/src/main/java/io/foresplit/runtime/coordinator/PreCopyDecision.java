package io.foresplit.runtime.coordinator;

import io.foresplit.runtime.proto.CopyProgress;
import java.util.Locale;

/**
 * Whether layers are copied while training goes on, and when that is cut over or given up. Pure.
 *
 * <p>Every optimiser step changes every parameter, so pre-copy in rounds as virtual machines have
 * it (Clark et al., "Live migration of virtual machines", NSDI 2005) would send the whole state
 * each round. What is sent after the snapshot are the inputs of the steps instead; so a round is
 * not what has changed but the steps done meanwhile. With utilisation u of whatever is scarcer, the
 * link by recorded bytes or the target's idle time by replay, the backlog shrinks by u a round and
 * the copy takes {@code snapshot time / (1 - u)} [derived].
 */
final class PreCopyDecision {
  /** Small states may be sent again and again before that counts as too much. */
  private static final long FREE_BYTES = 1 << 20;

  /** A round that leaves more than this share of the lag before does not converge. */
  private static final double CONVERGING = 0.9;

  /** One such round may be chance: a busy machine, or a step that was on its way. */
  private static final int STALLS = 3;

  /** The part of the pause of stop and copy that replay at the hold may take when it lags. */
  private static final double WORTH_IT = 0.5;

  /** Bytes of state a node writes, checks and takes in, measured on one core: docs/moves.md. */
  private static final double STATE_BYTES_PER_SECOND = 60e6;

  /** This part of the snapshot sent, rates are known well enough. */
  private static final double TELLING_SHARE = 0.1;

  private PreCopyDecision() {}

  /** What to do. */
  enum Verdict {
    /** Let it go on. */
    WAIT,
    /** Hold training and replay the last steps. */
    CUT_OVER,
    /** Hold training and send the state. */
    STOP_AND_COPY
  }

  /** What to do, and why, in one line. */
  record Decision(Verdict verdict, String why) {}

  /**
   * The rounds so far. In each the target replays up to where the source was when it began.
   *
   * @param goal first step not to be replayed in this round
   * @param lag steps the target was behind when the round began
   * @param stalls rounds in a row that have not shrunk the lag
   */
  record Rounds(int count, long goal, long lag, int stalls) {
    static final Rounds NONE = new Rounds(0, 0, Long.MAX_VALUE, 0);
  }

  /** Rounds after an observation, and what to do then. */
  record Next(Rounds rounds, Decision decision) {}

  /** Decides by declared or measured rates, before anything is sent. */
  static Decision before(MovePolicy policy, CopyEstimate estimate) {
    if (!policy.preCopy()) {
      return stop("as configured");
    }
    if (!(estimate.stepSeconds() > 0)) {
      return wait("the rate of steps is not known yet");
    }
    double snapshot = estimate.stateBytes() / estimate.bytesPerSecond();
    double stopPause =
        snapshot + estimate.delaySeconds() + estimate.stateBytes() / STATE_BYTES_PER_SECOND;
    double preCopyPause =
        estimate.stepBytes() / estimate.bytesPerSecond()
            + estimate.delaySeconds()
            + estimate.replaySeconds();
    if (preCopyPause >= stopPause) {
      return stop(
          format(
              "the last step would hold training for %.3f s, the state for %.3f s",
              preCopyPause, stopPause));
    }
    double link = estimate.stepBytes() / estimate.bytesPerSecond() / estimate.stepSeconds();
    double compute =
        estimate.idleSeconds() > 0
            ? estimate.replaySeconds() / estimate.idleSeconds()
            : Double.POSITIVE_INFINITY;
    double utilisation = Math.max(link, compute);
    if (utilisation >= policy.maxUtilisation()) {
      return stop(
          format(
              "steps need %.2f of the link and %.2f of the target's idle time, more than %.2f",
              link, compute, policy.maxUtilisation()));
    }
    double seconds = snapshot / (1 - utilisation);
    double bytes = estimate.stateBytes() + seconds / estimate.stepSeconds() * estimate.stepBytes();
    if (bytes > limitBytes(policy, estimate.stateBytes())) {
      return stop(
          format("%.0f bytes would be sent for a state of %d", bytes, estimate.stateBytes()));
    }
    return seconds > seconds(policy)
        ? stop(format("it would take %.0f s", seconds))
        : wait(format("%.1f s are expected", seconds));
  }

  /** Decides by what source and target have measured. */
  static Next during(MovePolicy policy, Rounds rounds, CopyProgress source, CopyProgress target) {
    if (!source.getFailure().isEmpty()) {
      return new Next(rounds, stop("source: " + source.getFailure()));
    }
    if (!target.getFailure().isEmpty()) {
      return new Next(rounds, stop("target: " + target.getFailure()));
    }
    long lag = source.getNextStep() - target.getNextStep();
    if (target.getInstalled() && lag <= 1) {
      return new Next(rounds, cutOver(lag));
    }
    if (source.getSeconds() > seconds(policy)) {
      return new Next(rounds, stop(format("not caught up after %.1f s", source.getSeconds())));
    }
    if (source.getSnapshotBytes() + source.getRecordedBytes()
        > limitBytes(policy, source.getSnapshotBytes())) {
      return new Next(
          rounds,
          stop(
              format(
                  "%d bytes of steps for a state of %d",
                  source.getRecordedBytes(), source.getSnapshotBytes())));
    }
    if (!target.getInstalled()) {
      boolean telling =
          source.getRecordedBytes() > FREE_BYTES
              && source.getSentBytes() >= TELLING_SHARE * source.getSnapshotBytes();
      return new Next(
          rounds,
          telling && source.getRecordedBytes() > policy.maxUtilisation() * source.getSentBytes()
              ? stop("steps bring more bytes than the link takes")
              : wait("the snapshot is on its way"));
    }
    if (target.getNextStep() < rounds.goal()) {
      return new Next(rounds, wait("round " + rounds.count()));
    }
    int stalls = lag <= CONVERGING * rounds.lag() ? 0 : rounds.stalls() + 1;
    Rounds next = new Rounds(rounds.count() + 1, source.getNextStep(), lag, stalls);
    if (stalls > 0
        && unsentSeconds(source) + lag * target.getReplaySeconds()
            <= WORTH_IT * stopSeconds(source)) {
      return new Next(next, cutOver(lag));
    }
    if (stalls >= STALLS) {
      return new Next(
          next, stop(format("steps are not replayed as fast as they are done, %d behind", lag)));
    }
    return next.count() > policy.maxRounds()
        ? new Next(next, stop("not caught up after " + policy.maxRounds() + " rounds"))
        : new Next(next, wait("round " + next.count()));
  }

  /** How long what waits at the source takes to be sent at the rate so far. */
  private static double unsentSeconds(CopyProgress source) {
    long unsent = source.getSnapshotBytes() + source.getRecordedBytes() - source.getSentBytes();
    return source.getSeconds() * Math.max(0, unsent) / source.getSentBytes();
  }

  /** How long the state would take to be sent at the rate so far. */
  private static double stopSeconds(CopyProgress source) {
    return source.getSeconds() * source.getSnapshotBytes() / source.getSentBytes();
  }

  private static double limitBytes(MovePolicy policy, long stateBytes) {
    return FREE_BYTES + policy.maxBytesRatio() * stateBytes;
  }

  private static double seconds(MovePolicy policy) {
    return policy.limit().toMillis() / 1e3;
  }

  private static Decision wait(String why) {
    return new Decision(Verdict.WAIT, why);
  }

  private static Decision stop(String why) {
    return new Decision(Verdict.STOP_AND_COPY, why);
  }

  private static Decision cutOver(long lag) {
    return new Decision(Verdict.CUT_OVER, lag + " steps behind");
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
