package io.foresplit.runtime.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.NodeId;
import io.foresplit.runtime.coordinator.RecoveryPlan.GoOn;
import io.foresplit.runtime.coordinator.RecoveryPlan.Provision;
import io.foresplit.runtime.proto.HeldStep;
import io.foresplit.runtime.proto.LayerDigest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A node that holds layers and replicas as a real one does, and obeys recoveries by its rules. */
final class SimulatedSurvivor {
  private final NodeId id;
  private final Map<Long, Set<Integer>> held = new TreeMap<>();
  private Map<Integer, Long> layers = new TreeMap<>();
  private long epoch;
  private long steps;
  private long recovery;
  private boolean halted;
  private boolean begun;

  private SimulatedSurvivor(NodeId id, long steps, boolean begun) {
    this.id = id;
    this.steps = steps;
    this.begun = begun;
  }

  /** Has done some steps. */
  static SimulatedSurvivor training(NodeId id, long steps) {
    return new SimulatedSurvivor(id, steps, true);
  }

  /** Has come to a training under way. */
  static SimulatedSurvivor empty(NodeId id) {
    return new SimulatedSurvivor(id, 0, false);
  }

  /** Keeps layers as of a step. */
  void keep(long step, Integer... kept) {
    held.put(step, new TreeSet<>(List.of(kept)));
  }

  /** Trains a layer. */
  void train(int layer) {
    layers.put(layer, steps);
  }

  /** The step as of which each layer is that it trains. */
  Map<Integer, Long> layers() {
    return layers;
  }

  long epoch() {
    return epoch;
  }

  boolean halted() {
    return halted;
  }

  void welcome() {
    begun = true;
  }

  Survivors.Halted halt(long number) throws IOException {
    if (!begun || number < recovery || (number == recovery && !halted)) {
      throw new IOException("recovery " + number + " is over on " + id);
    }
    recovery = number;
    halted = true;
    List<HeldStep> told = new ArrayList<>();
    held.forEach(
        (step, kept) -> told.add(HeldStep.newBuilder().setStep(step).addAllLayers(kept).build()));
    return new Survivors.Halted(epoch, steps, layers.isEmpty(), told, List.of());
  }

  private void requireCurrent(long number) throws IOException {
    if (!halted || recovery != number) {
      throw new IOException("recovery " + number + " is over on " + id);
    }
  }

  List<LayerDigest> provide(long number, Provision provision) throws IOException {
    requireCurrent(number);
    assertThat(held.get(provision.step())).containsAll(provision.layers());
    return provision.layers().stream()
        .map(layer -> LayerDigest.newBuilder().setLayer(layer).build())
        .toList();
  }

  void check(long number, GoOn plan, List<LayerDigest> arrived) throws IOException {
    requireCurrent(number);
    Set<Integer> kept = held.computeIfAbsent(plan.step(), s -> new TreeSet<>());
    arrived.forEach(layer -> kept.add(layer.getLayer()));
    requireHeld(plan);
  }

  private void requireHeld(GoOn plan) throws IOException {
    for (int layer : own(plan)) {
      if (!held.getOrDefault(plan.step(), Set.of()).contains(layer)) {
        throw new IOException("layer " + layer + " is not on " + id);
      }
    }
  }

  private List<Integer> own(GoOn plan) {
    List<Integer> own = new ArrayList<>();
    for (int layer = 0; layer < plan.placement().nodeOfLayer().size(); layer++) {
      if (plan.placement().nodeOfLayer().get(layer).equals(id)) {
        own.add(layer);
      }
    }
    return own;
  }

  void restore(long number, long next, GoOn plan) throws IOException {
    if (!halted && epoch == next) {
      return;
    }
    requireCurrent(number);
    if (next <= epoch) {
      throw new IOException(id + " is at epoch " + epoch);
    }
    requireHeld(plan);
    layers = new TreeMap<>();
    own(plan).forEach(layer -> layers.put(layer, plan.step()));
    epoch = next;
    steps = plan.step();
    held.keySet().removeIf(s -> s > plan.step());
    halted = false;
  }

  /** Refuses to go on with steps for another recovery than the one it was restored in. */
  void resume(long number, long at) throws IOException {
    if (epoch != at || halted || recovery != number) {
      throw new IOException("the data owner is held for another");
    }
  }
}
