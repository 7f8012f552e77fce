package io.foresplit.runtime.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.foresplit.runtime.proto.LayerDigest;
import io.foresplit.runtime.proto.StateChunk;
import io.foresplit.runtime.proto.StateChunk.Part;
import io.foresplit.runtime.tensor.LayerRun;
import io.foresplit.runtime.tensor.LayerState;
import io.foresplit.runtime.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** The target of a pre-copy, on the thread of the test. */
class IncomingLayersTest {
  private static final int WIDTH = 4;
  private static final LayerRun RUN = new LayerRun(1, 2);

  private final ScalingCompute source = new ScalingCompute(WIDTH, true);
  private final List<Runnable> later = new ArrayList<>();
  private boolean accepts = true;
  private IncomingLayers target = target(1 << 20);
  private long step = 5;

  IncomingLayersTest() {
    source.initialise(0, 3);
    source.record(List.of(RUN));
  }

  private IncomingLayers target(long maxBytes) {
    return new IncomingLayers(
        "a",
        RUN,
        new IncomingLayers.Replays() {
          @Override
          public void execute(Runnable work) {
            later.add(work);
          }

          @Override
          public <T> T call(Callable<T> work) {
            try {
              return work.call();
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          }

          @Override
          public SegmentCompute.Replica build(List<LayerState> states) {
            if (!accepts) {
              throw new IllegalArgumentException("layer 1 does not fit this node");
            }
            return new ScalingCompute(WIDTH, true).replica(states);
          }

          @Override
          public double replay(
              SegmentCompute.Replica replica, LayerRun run, Tensor input, Tensor gradient) {
            replica.replay(input, gradient);
            return 0.25;
          }
        },
        10_000,
        maxBytes);
  }

  @Test
  void stepsAreReplayedInTheirOrderHoweverChunksCome() throws Exception {
    List<StateChunk> chunks = new ArrayList<>(snapshot());
    for (int i = 0; i < 4; i++) {
      chunks.addAll(step());
    }
    List<StateChunk> steps = chunks.subList(2, chunks.size());
    Collections.shuffle(steps, new Random(1));
    for (StateChunk chunk : chunks) {
      target.accept(chunk);
      target.accept(chunk);
      work();
    }

    assertThat(target.progress().getNextStep()).isEqualTo(9);
    assertThat(target.progress().getReplaySeconds()).isEqualTo(0.25);
    assertThat(target.digests(9, Duration.ZERO)).isEqualTo(atSource());
    assertThat(target.digests()).isEqualTo(atSource());
    assertThat(target.take()).isPresent();
    assertThat(target.take()).isEmpty();
  }

  @Test
  void oneReplayAtATimeIsGivenToTheComputeThread() {
    snapshot().forEach(target::accept);
    step().forEach(target::accept);
    step().forEach(target::accept);

    assertThat(later).hasSize(1);
    later.remove(0).run();
    assertThat(target.progress().getInstalled()).isTrue();
    assertThat(later).hasSize(1);
    later.remove(0).run();
    assertThat(target.progress().getNextStep()).isEqualTo(6);
    assertThat(later).hasSize(1);
  }

  @Test
  void whatIsMissingAtTheHoldIsNotWaitedForForEver() {
    snapshot().forEach(target::accept);
    target.accept(step().get(0));
    work();

    assertThatThrownBy(() -> target.digests(6, Duration.ZERO))
        .hasMessage("layers 1-2 are replayed to step 5, not to 6, after 0 ms");
    assertThat(target.digests()).isEmpty();
    assertThat(target.take()).isEmpty();
  }

  @Test
  void aDamagedChunkEndsThePreCopyAndSaysSo() {
    snapshot().forEach(target::accept);
    work();
    StateChunk good = step().get(0);
    target.accept(good.toBuilder().setCrc(good.getCrc() + 1).build());
    step().forEach(target::accept);
    work();

    assertThat(target.progress().getFailure()).isEqualTo("chunk 0 of 1 came damaged");
    assertThatThrownBy(() -> target.digests(6, Duration.ofDays(1)))
        .hasMessage("chunk 0 of 1 came damaged");
  }

  @Test
  void aStateThatDoesNotFitEndsThePreCopy() {
    accepts = false;
    snapshot().forEach(target::accept);
    work();

    assertThat(target.progress().getFailure()).isEqualTo("layer 1 does not fit this node");
    assertThat(target.progress().getInstalled()).isFalse();
  }

  @Test
  void whatWaitsIsBounded() {
    target = target(2000);
    snapshot().forEach(target::accept);
    for (int i = 0; i < 20; i++) {
      step().forEach(target::accept);
    }

    assertThat(target.progress().getFailure())
        .isEqualTo("more than 2000 bytes of steps wait to be replayed");
  }

  @Test
  void aSnapshotIsNotLargerThanItsLayersCanBe() {
    StateChunk first = snapshot().get(0);
    ByteString data = ByteString.copyFrom(new byte[3_000]);
    for (int i = 0; i < 4; i++) {
      target.accept(
          first.toBuilder()
              .setIndex(i)
              .setCount(60_000)
              .setData(data)
              .setCrc(Checksums.crc(data))
              .build());
    }

    assertThat(target.progress().getFailure()).isEqualTo("the snapshot has more than 10000 bytes");
  }

  @Test
  void chunksWithoutBytesTakeMemoryToo() {
    snapshot().forEach(target::accept);
    work();
    target = target(100_000);
    snapshot().forEach(target::accept);
    for (int i = 0; i < 400; i++) {
      target.accept(
          chunk(Part.INPUT, 1, step, new byte[0]).toBuilder().setIndex(i).setCount(400).build());
    }

    assertThat(target.progress().getFailure())
        .isEqualTo("more than 100000 bytes of steps wait to be replayed");
  }

  @Test
  void stepsTooFarAheadEndThePreCopy() {
    snapshot().forEach(target::accept);
    work();
    target.accept(chunk(Part.INPUT, 1, step + IncomingLayers.MAX_STEPS_AHEAD, new byte[4]));
    assertThat(target.progress().getFailure()).isEmpty();

    target.accept(chunk(Part.INPUT, 1, step + IncomingLayers.MAX_STEPS_AHEAD + 1, new byte[4]));
    assertThat(target.progress().getFailure())
        .isEqualTo("a piece of step 65542 came, expected are steps from 5");
  }

  @Test
  void aSnapshotIsOfOneStep() {
    List<StateChunk> chunks = snapshot();
    target.accept(chunks.get(0));
    target.accept(chunks.get(1).toBuilder().setStep(6).build());

    assertThat(target.progress().getFailure())
        .isEqualTo("a piece of step 6 came, expected are steps from 5");
  }

  @Test
  void anEndedPreCopyTakesNothing() {
    snapshot().forEach(target::accept);
    target.close();
    step().forEach(target::accept);
    work();

    assertThat(target.progress().getFailure()).isEqualTo("it has ended");
    assertThat(target.progress().getNextStep()).isEqualTo(5);
  }

  private void work() {
    while (!later.isEmpty()) {
      later.remove(0).run();
    }
  }

  private List<LayerDigest> atSource() {
    return source.export(1, 2).stream().map(Checksums::replayed).toList();
  }

  private List<StateChunk> snapshot() {
    return source.export(1, 2).stream()
        .map(state -> chunk(Part.SNAPSHOT, state.layer(), step, state.encode()))
        .toList();
  }

  /** Does a step at the source. */
  private List<StateChunk> step() {
    source.forward(
        0, new Tensor(new float[] {step, 1, 2, 3, 4, 5, 6, step / 2f}, new long[] {2, WIDTH}));
    source.lossAndBackward(0, new int[] {1, (int) step});
    source.update(new TreeMap<>(Map.of(0, 2)));
    List<StateChunk> chunks =
        List.of(
            chunk(
                Part.INPUT,
                1,
                step,
                TensorValues.encode(source.recordedInputs().get(RUN)).toByteArray()),
            chunk(
                Part.GRADIENT,
                1,
                step,
                TensorValues.encode(source.recordedGradients().get(RUN)).toByteArray()));
    step++;
    return chunks;
  }

  private static StateChunk chunk(Part part, int layer, long step, byte[] bytes) {
    ByteString data = ByteString.copyFrom(bytes);
    return StateChunk.newBuilder()
        .setAction("a")
        .setPart(part)
        .setLayer(layer)
        .setStep(step)
        .setRun(LiveCopies.message(RUN))
        .setIndex(0)
        .setCount(1)
        .setCrc(Checksums.crc(data))
        .setData(data)
        .build();
  }
}
