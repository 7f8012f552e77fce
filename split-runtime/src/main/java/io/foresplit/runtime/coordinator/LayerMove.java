package io.foresplit.runtime.coordinator;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Placement;
import java.util.ArrayList;
import java.util.List;

/**
 * A move of layers from one placement to another.
 *
 * @param epoch that {@code from} has; {@code to} gets the next one
 */
public record LayerMove(ActionId action, long epoch, Placement from, Placement to) {
  /** A run of layers that goes from one node to another. */
  public record Shift(int firstLayer, int lastLayer, NodeId source, NodeId target) {
    @Override
    public String toString() {
      String layers = firstLayer == lastLayer ? "" + firstLayer : firstLayer + "-" + lastLayer;
      return source + "->" + target + "[" + layers + "]";
    }
  }

  /** What has to travel, in layer order. */
  public List<Shift> shifts() {
    List<Shift> shifts = new ArrayList<>();
    List<NodeId> old = from.nodeOfLayer();
    List<NodeId> next = to.nodeOfLayer();
    int layer = 0;
    while (layer < old.size()) {
      NodeId source = old.get(layer);
      NodeId target = next.get(layer);
      int first = layer;
      while (layer < old.size()
          && old.get(layer).equals(source)
          && next.get(layer).equals(target)) {
        layer++;
      }
      if (!source.equals(target)) {
        shifts.add(new Shift(first, layer - 1, source, target));
      }
    }
    return shifts;
  }
}
