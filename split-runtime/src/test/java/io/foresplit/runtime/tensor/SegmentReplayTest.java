package io.foresplit.runtime.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.runtime.data.BatchOrder;
import io.foresplit.runtime.data.DrawnDataset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps that are recorded on one trainer and replayed on another, bit for bit. */
class SegmentReplayTest {
  private static final int BATCH = 8;
  private static final int STEPS = 6;
  private static final List<Optimiser> OPTIMISERS =
      List.of(new Optimiser.SgdMomentum(0.05, 0.9), new Optimiser.Adam(1e-3, 0.9, 0.999, 1e-8));

  private final DrawnDataset data = new DrawnDataset(3, 200);
  private final BatchOrder order = new BatchOrder(5, 200, BATCH);

  @ParameterizedTest
  @ValueSource(strings = {"mlp", "lenet", "rescnn"})
  void everyRunOfLayersIsReplayedBitForBitAndRecordingChangesNothing(String model) {
    int layers = ModelDefinition.named(model).layers().size();
    for (Optimiser optimiser : OPTIMISERS) {
      List<Double> expected = losses(model, optimiser, List.of(), new ArrayList<>());
      for (int first = 0; first < layers; first++) {
        for (int last = first; last < layers; last++) {
          List<Boolean> same = new ArrayList<>();
          assertThat(losses(model, optimiser, List.of(new LayerRun(first, last)), same))
              .as("%s, layers %d to %d recorded, %s", model, first, last, optimiser)
              .isEqualTo(expected);
          assertThat(same)
              .as("%s, layers %d to %d, %s", model, first, last, optimiser)
              .hasSize(STEPS)
              .containsOnly(true);
        }
      }
    }
  }

  @Test
  void severalRunsOfOneSegmentAreRecordedAtOnce() {
    List<Boolean> same = new ArrayList<>();
    List<LayerRun> runs = List.of(new LayerRun(0, 1), new LayerRun(2, 2), new LayerRun(3, 4));

    assertThat(losses("lenet", OPTIMISERS.get(1), runs, same))
        .isEqualTo(losses("lenet", OPTIMISERS.get(1), List.of(), new ArrayList<>()));

    assertThat(same).hasSize(3 * STEPS).containsOnly(true);
  }

  /** Trains; after each step compares replicas of the runs with the original. */
  private List<Double> losses(
      String model, Optimiser optimiser, List<LayerRun> runs, List<Boolean> same) {
    int layers = ModelDefinition.named(model).layers().size();
    List<Double> losses = new ArrayList<>();
    try (SegmentTrainer source = trainer(model, optimiser);
        SegmentTrainer target = trainer(model, optimiser)) {
      source.initialise(0, layers - 1);
      losses.add(step(source, 0));
      source.record(runs);
      List<SegmentTrainer> replicas =
          runs.stream().map(run -> target.replica(source.export(run.first(), run.last()))).toList();
      for (int step = 1; step <= STEPS; step++) {
        losses.add(step(source, step));
        for (int i = 0; i < runs.size(); i++) {
          LayerRun run = runs.get(i);
          SegmentTrainer replica = replicas.get(i);
          replica.forward(source.recordedInputs().get(run));
          replica.backward(source.recordedGradients().get(run));
          same.add(
              replica
                  .export(run.first(), run.last())
                  .equals(source.export(run.first(), run.last())));
        }
      }
      replicas.forEach(SegmentTrainer::close);
    }
    return losses;
  }

  @Test
  void aReplicaIsReplayedWhileAStepIsOpenAndThenAdopted() {
    Optimiser optimiser = OPTIMISERS.get(0);
    List<Double> expected = new ArrayList<>();
    List<Double> losses = new ArrayList<>();
    try (SegmentTrainer whole = trainer("lenet", optimiser)) {
      whole.initialise(0, 4);
      for (int step = 0; step < 12; step++) {
        expected.add(step(whole, step));
      }
    }
    LayerRun moving = new LayerRun(2, 2);
    try (SegmentTrainer front = trainer("lenet", optimiser);
        SegmentTrainer back = trainer("lenet", optimiser)) {
      front.initialise(0, 2);
      back.initialise(3, 4);
      front.record(List.of(moving));
      SegmentTrainer replica = back.replica(front.export(2, 2));
      for (int step = 0; step < 12; step++) {
        if (step == 6) {
          front.record(List.of());
          front.retain(0, 1);
          back.adopt(replica);
          assertThat(back.firstLayer()).isEqualTo(2);
        }
        int[] indices = order.indices(step);
        Tensor smashed = front.forward(data.batch(indices)).output();
        back.forward(smashed);
        SegmentTrainer.Loss loss = back.lossAndBackward(data.labels(indices));
        losses.add(loss.loss());
        front.backward(loss.inputGradient());
        if (step < 6) {
          // the next step of the segment is open while the replica has its own
          back.forward(smashed);
          replica.forward(front.recordedInputs().get(moving));
          replica.backward(front.recordedGradients().get(moving));
          back.abandonStep();
        }
      }
    }
    assertThat(losses).isEqualTo(expected);
  }

  @Test
  void layersThatAreNotHeldCannotBeRecorded() {
    try (SegmentTrainer trainer = trainer("lenet", OPTIMISERS.get(0))) {
      trainer.initialise(0, 1);
      trainer.record(List.of(new LayerRun(1, 2)));

      assertThatThrownBy(() -> trainer.forward(data.batch(order.indices(0))))
          .hasMessage("layers 1-2 cannot be recorded, held are [0, 1]");
    }
  }

  private double step(SegmentTrainer whole, long step) {
    int[] indices = order.indices(step);
    whole.forward(data.batch(indices));
    return whole.lossAndBackward(data.labels(indices)).loss();
  }

  private static SegmentTrainer trainer(String model, Optimiser optimiser) {
    return new SegmentTrainer(ModelDefinition.named(model), optimiser, 7, () -> 0);
  }
}
