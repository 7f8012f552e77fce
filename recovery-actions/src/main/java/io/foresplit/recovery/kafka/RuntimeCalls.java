package io.foresplit.recovery.kafka;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.RecoveryPlan;
import io.foresplit.contract.TrainingRuntime;
import io.foresplit.recovery.Effect;
import io.foresplit.recovery.RuntimeResult;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.Executor;

/**
 * Carries out calls to the runtime beside the loop, so that ticks go on; every call ends in exactly
 * one result. Thread-safe.
 */
final class RuntimeCalls {
  private final TrainingRuntime runtime;
  private final Executor executor;
  private final Queue<RuntimeResult> results;

  RuntimeCalls(TrainingRuntime runtime, Executor executor, Queue<RuntimeResult> results) {
    this.runtime = runtime;
    this.executor = executor;
    this.results = results;
  }

  void fence(Effect.Fence fence) {
    executor.execute(() -> results.add(fenced(fence.job(), fence.term())));
  }

  void move(Effect.CallRuntime call) {
    executor.execute(() -> results.add(moved(call.plan(), call.term())));
  }

  void status(Effect.AskStatus question) {
    executor.execute(() -> results.add(asked(question.job(), question.action())));
  }

  private RuntimeResult fenced(JobId job, long term) {
    try {
      runtime.fence(job, term);
      return new RuntimeResult.Fenced(job, term, runtime.topology(job));
    } catch (IOException | RuntimeException failure) {
      return new RuntimeResult.FenceFailed(job, why("fence", failure));
    }
  }

  private RuntimeResult moved(RecoveryPlan plan, long term) {
    MoveLayers move = (MoveLayers) plan.action();
    try {
      return new RuntimeResult.Answered(
          plan.job(),
          plan.actionId(),
          runtime.move(plan.job(), plan.actionId(), term, plan.epoch(), move.to()));
    } catch (IOException | RuntimeException failure) {
      return new RuntimeResult.Unknown(plan.job(), plan.actionId(), why("move", failure));
    }
  }

  private RuntimeResult asked(JobId job, ActionId action) {
    try {
      return runtime
          .status(job, action)
          .<RuntimeResult>map(result -> new RuntimeResult.Answered(job, action, result))
          .orElseGet(() -> new RuntimeResult.NeverAccepted(job, action));
    } catch (IOException | RuntimeException failure) {
      return new RuntimeResult.Unknown(job, action, why("status", failure));
    }
  }

  private static String why(String call, Exception failure) {
    return "the runtime did not answer " + call + ": " + failure;
  }
}
