package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.runtime.tensor.LayerState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All layers that a node trains: its segment, and those after the servers where it is a client that
 * holds them, too. Confined to the compute thread.
 *
 * @param tail of such a client only
 */
record NodeLayers(JobSpec job, SegmentCompute head, Optional<SegmentCompute> tail) {
  /** Where the layers after the servers begin. */
  private int body() {
    return job.layers().size() - job.scheme().tailLayers();
  }

  private int last() {
    return job.layers().size() - 1;
  }

  /** Builds a segment from the seed, and the layers after the servers. */
  void initialise(int first, int last) {
    head.initialise(first, last);
    tail.ifPresent(end -> end.initialise(body(), last()));
  }

  /** The state of a segment, and of the layers after the servers. */
  List<LayerState> export(int first, int last) {
    List<LayerState> states = new ArrayList<>(head.export(first, last));
    tail.ifPresent(end -> states.addAll(end.export(body(), last())));
    return states;
  }

  /** Puts states in force, each where it belongs. */
  void install(List<LayerState> states) {
    head.install(states.stream().filter(state -> state.layer() < body()).toList());
    tail.ifPresent(
        end -> end.install(states.stream().filter(state -> state.layer() >= body()).toList()));
  }
}
