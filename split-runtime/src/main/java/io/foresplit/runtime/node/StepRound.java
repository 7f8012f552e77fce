package io.foresplit.runtime.node;

import java.util.concurrent.ExecutionException;

/** Has all clients of a step do it. Used by the driver's thread alone. */
interface StepRound {
  /**
   * What a step was.
   *
   * @param loss mean over the samples of its clients, nats
   * @param late clients it has gone on without
   * @param modelBytes of client layers that were sent before or after it
   */
  record Result(double loss, int late, long modelBytes) {}

  /** Does a step; blocks until it is done everywhere. */
  Result run(long step) throws InterruptedException, ExecutionException;

  /** Waits for clients that are still in a step that has gone on without them. */
  void settle() throws InterruptedException, ExecutionException;

  /** The first step that has not been done. */
  long nextStep();

  /** One client, which is this node. */
  static StepRound alone(SegmentWorker worker, ClientData data) {
    return new StepRound() {
      @Override
      public Result run(long step) throws InterruptedException, ExecutionException {
        return new Result(worker.begin(step, data.passes(step)).get().loss(), 0, 0);
      }

      @Override
      public void settle() {}

      @Override
      public long nextStep() {
        return worker.steps();
      }
    };
  }
}
