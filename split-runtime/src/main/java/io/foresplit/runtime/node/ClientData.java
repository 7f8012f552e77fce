package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.TrainingScheme.Sharding;
import io.foresplit.runtime.data.BatchOrder;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.data.Shards;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What one client puts into its steps: batches of its shard, in micro-batches. Immutable. */
final class ClientData {
  private final Dataset data;
  private final int[] shard;
  private final BatchOrder order;
  private final StepPlan plan;
  private final NodeId client;

  /**
   * Of one client.
   *
   * @param declared says how samples are dealt, to all clients of the job
   * @param job as far as its clients take part
   */
  ClientData(JobSpec declared, JobSpec job, NodeId client, Dataset data, long seed) {
    this.data = data;
    this.client = client;
    plan = new StepPlan(job);
    List<NodeId> clients = declared.clients();
    shard =
        clients.size() == 1
            ? Shards.whole(data)
            : (job.scheme().sharding() == Sharding.IID
                    ? Shards.iid(data, clients.size(), seed)
                    : Shards.byLabel(data, clients.size()))
                .get(clients.indexOf(client));
    order = new BatchOrder(seed, shard.length, job.batchSize());
    if (job.scheme().microBatches() > job.batchSize()) {
      throw new IllegalArgumentException(
          "microBatches must be at most the batchSize "
              + job.batchSize()
              + ", was "
              + job.scheme().microBatches());
    }
  }

  /** Samples this client has. */
  int samples() {
    return shard.length;
  }

  /** The passes of this client in a step; micro-batches differ by one sample at most. */
  List<SegmentWorker.PassInput> passes(long step) {
    int[] batch = order.indices(plan.ownStep(step));
    for (int i = 0; i < batch.length; i++) {
      batch[i] = shard[batch[i]];
    }
    List<Integer> ordinals = List.copyOf(plan.passes(client));
    List<SegmentWorker.PassInput> passes = new ArrayList<>();
    for (int i = 0; i < ordinals.size(); i++) {
      int from = batch.length * i / ordinals.size();
      int to = batch.length * (i + 1) / ordinals.size();
      int[] part = Arrays.copyOfRange(batch, from, to);
      passes.add(new SegmentWorker.PassInput(ordinals.get(i), part, data.batch(part)));
    }
    return passes;
  }
}
