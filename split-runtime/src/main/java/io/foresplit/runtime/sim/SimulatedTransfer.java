package io.foresplit.runtime.sim;

import io.foresplit.contract.JobSpec;
import io.foresplit.runtime.coordinator.LayerMove;
import io.foresplit.runtime.tensor.Optimiser;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * State of layers on its way: in chunks over the links, a few at a time as between real nodes. Not
 * thread-safe.
 */
final class SimulatedTransfer {
  private static final int CHUNK_BYTES = 256 << 10;
  private static final int WINDOW = 4;

  /** Numbers, names and shapes of a layer's encoded state. */
  private static final int HEADER_BYTES = 160;

  private final JobSpec job;
  private final int copies;
  private final SimulatedTraining.Way way;
  private final BooleanSupplier wanted;
  private final Runnable done;
  private int shiftsLeft;

  /**
   * A transfer to be sent.
   *
   * @param wanted whether it goes on; once it does not, nothing more is sent or told
   * @param done told when all is there
   */
  SimulatedTransfer(
      Simulation simulation, SimulatedTraining.Way way, BooleanSupplier wanted, Runnable done) {
    job = simulation.job();
    copies = 1 + (simulation.optimiser() instanceof Optimiser.Adam ? 2 : 1);
    this.way = way;
    this.wanted = wanted;
    this.done = done;
  }

  /** Sends at least one run of layers; says how many bytes they are. */
  long send(List<LayerMove.Shift> shifts) {
    long all = 0;
    shiftsLeft = shifts.size();
    for (LayerMove.Shift shift : shifts) {
      Deque<Long> chunks = new ArrayDeque<>();
      for (int layer = shift.firstLayer(); layer <= shift.lastLayer(); layer++) {
        long bytes = HEADER_BYTES + copies * job.layers().get(layer).parameterBytes();
        all += bytes;
        for (long left = bytes; left > 0; left -= CHUNK_BYTES) {
          chunks.add(Math.min(left, CHUNK_BYTES));
        }
      }
      int[] open = {chunks.size()};
      for (int i = 0; i < WINDOW; i++) {
        sendNext(shift, chunks, open);
      }
    }
    return all;
  }

  private void sendNext(LayerMove.Shift shift, Deque<Long> chunks, int[] open) {
    Long bytes = chunks.poll();
    if (bytes == null || !wanted.getAsBoolean()) {
      return;
    }
    way.send(
        shift.source(),
        shift.target(),
        bytes,
        wanted,
        () -> {
          sendNext(shift, chunks, open);
          if (--open[0] == 0 && --shiftsLeft == 0 && wanted.getAsBoolean()) {
            done.run();
          }
        });
  }
}
