package io.foresplit.app.bench.runtime;

import java.time.Duration;

/**
 * How much is measured.
 *
 * @param moves live moves, there and back by turns
 * @param restarts moves by checkpoint and restart
 * @param kills kills one soon after the other, for the time of a recovery
 * @param windows of throughput, with one kill each
 * @param window length of one
 * @param killAfter from the begin of a window to its kill
 * @param nodeBackAfter from a kill to the start of another process of the node
 * @param faultFree length of the run that throughput is compared with
 * @param fadingSteps steps of a training on a fading link
 * @param simulatedSeeds fading links that are simulated
 */
record Scale(
    int moves,
    int restarts,
    int kills,
    int windows,
    Duration window,
    Duration killAfter,
    Duration nodeBackAfter,
    Duration faultFree,
    int fadingSteps,
    int simulatedSeeds) {

  /** The whole benchmark. */
  static Scale full() {
    return new Scale(
        6,
        3,
        2,
        2,
        Duration.ofMinutes(1),
        Duration.ofSeconds(20),
        Duration.ofSeconds(10),
        Duration.ofSeconds(40),
        300,
        20);
  }

  /** Just enough to see that all of it works; its figures say little. */
  static Scale quick() {
    return new Scale(
        2,
        1,
        0,
        1,
        Duration.ofSeconds(20),
        Duration.ofSeconds(4),
        Duration.ofSeconds(3),
        Duration.ofSeconds(4),
        12,
        3);
  }
}
