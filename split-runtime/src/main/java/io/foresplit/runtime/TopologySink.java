package io.foresplit.runtime;

import io.foresplit.contract.SplitTopology;

/** Takes the placement in force. Never blocks and never throws. */
public interface TopologySink extends AutoCloseable {
  void announce(SplitTopology topology);

  @Override
  void close();
}
