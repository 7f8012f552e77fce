package io.foresplit.runtime.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.proto.Activation;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.Gradient;
import io.foresplit.runtime.proto.SparseValues;
import io.foresplit.runtime.proto.TensorValue;
import io.foresplit.runtime.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The middle segment of a chain, in virtual time. */
class SegmentWorkerTest {
  private static final NodeId DEVICE = new NodeId("device");
  private static final NodeId EDGE = new NodeId("edge");
  private static final NodeId CLOUD = new NodeId("cloud");
  private static final JobSpec JOB =
      new JobSpec(
          new JobId("job"),
          "scaling",
          1,
          Duration.ofMillis(500),
          List.of(layer("a"), layer("b"), layer("c")),
          List.of(new NodeSpec(DEVICE, 1), new NodeSpec(EDGE, 2), new NodeSpec(CLOUD, 4)),
          List.of(link(DEVICE, EDGE), link(EDGE, DEVICE), link(EDGE, CLOUD), link(CLOUD, EDGE)),
          DEVICE,
          List.of(CLOUD),
          1,
          List.of());
  private static final Placement PLACEMENT = new Placement(List.of(DEVICE, EDGE, CLOUD));

  private long now;
  private final List<String> sent = new ArrayList<>();
  private final List<Throwable> fatal = new ArrayList<>();
  private final NodeMetrics metrics = new NodeMetrics(EDGE, () -> now);
  private final SegmentWorker worker = worker();

  @Test
  void aStepIsDoneOnceWhateverIsRepeatedOrStale() {
    worker.accept(activation(3, 0));
    worker.accept(activation(2, 7));
    worker.accept(activation(3, 7));
    worker.accept(activation(3, 7));
    worker.accept(gradient(2, 7));
    worker.accept(gradient(3, 6));
    assertThat(sent).containsExactly("cloud activation 7");
    assertThat(worker.steps()).isEqualTo(7);

    worker.accept(gradient(3, 7));
    worker.accept(gradient(3, 7));
    worker.accept(activation(3, 7));
    assertThat(sent).containsExactly("cloud activation 7", "device gradient 7");
    assertThat(worker.steps()).isEqualTo(8);
    assertThat(fatal).isEmpty();
  }

  @Test
  void tensorsThatDoNotFitAreRefusedAndTheStepGoesOn() {
    Activation good = activation(3, 7).getActivation();
    TensorValue huge =
        values().toBuilder().clearShape().addShape(1L << 40).addShape(1L << 40).build();
    TensorValue many = values().toBuilder().addAllShape(Collections.nCopies(1000, 1L)).build();
    TensorValue negative = values().toBuilder().setShape(0, -1).build();
    TensorValue otherRows =
        TensorValues.encode(new Tensor(new float[] {1, 2, 3, 4}, new long[] {2, 2}));
    TensorValue misfit = TensorValues.encode(new Tensor(new float[3], new long[] {1, 3}));
    for (TensorValue bad :
        List.of(huge, many, negative, otherRows, misfit, TensorValue.getDefaultInstance())) {
      worker.accept(envelope(good.toBuilder().setOutput(bad)));
    }
    worker.accept(envelope(good.toBuilder().addIndices(1)));
    worker.accept(envelope(good.toBuilder().clearIndices()));
    assertThat(sent).isEmpty();

    assertThat(worker.accept(activation(3, 7))).isCompleted();
    assertThat(sent).containsExactly("cloud activation 7");
    for (TensorValue bad : List.of(huge, many, negative, otherRows, misfit)) {
      worker.accept(
          Envelope.newBuilder()
              .setFrom("cloud")
              .setGradient(Gradient.newBuilder().setEpoch(3).setStep(7).setGradient(bad))
              .build());
    }
    worker.accept(gradient(3, 7));
    assertThat(sent).containsExactly("cloud activation 7", "device gradient 7");
    assertThat(fatal).isEmpty();
  }

  @Test
  void onlyTheSegmentBeforeSendsActivationsAndOnlyTheNextOneGradients() {
    worker.accept(activation(3, 7).toBuilder().setFrom("cloud").build());
    assertThat(sent).isEmpty();
    worker.accept(activation(3, 7));
    worker.accept(gradient(3, 7).toBuilder().setFrom("device").build());
    assertThat(sent).containsExactly("cloud activation 7");

    worker.accept(gradient(3, 7));
    assertThat(sent).containsExactly("cloud activation 7", "device gradient 7");
  }

  private static Envelope envelope(Activation.Builder activation) {
    return Envelope.newBuilder().setFrom("device").setActivation(activation).build();
  }

  @Test
  void computeIsPacedToTheDeclaredSpeedTimesTheSlowdown() {
    worker.accept(activation(3, 7));
    worker.accept(gradient(3, 7));

    // 10 ms and 20 ms at speed 2 and slowdown 1.5
    assertThat(metrics.drain())
        .contains(
            sample(Metric.FORWARD_SECONDS, 0.0075),
            sample(Metric.BACKWARD_SECONDS, 0.015),
            sample(Metric.SLOWDOWN, 1.5));
  }

  @Test
  void aNodeWithoutLayersStillTellsItsSlowdown() {
    worker.assign(Assignment.of(JOB, EDGE, 4, new Placement(List.of(DEVICE, DEVICE, CLOUD))), 7);

    worker.measureReference();

    assertThat(metrics.drain())
        .singleElement()
        .matches(sample -> sample.metric() == Metric.SLOWDOWN)
        .matches(sample -> Math.abs(sample.value() - 1.5) < 1e-6);
  }

  @Test
  void noAssignmentChangesWithinAStep() {
    worker.accept(activation(3, 7));

    assertThatThrownBy(() -> worker.assign(Assignment.of(JOB, EDGE, 4, PLACEMENT), 8))
        .hasMessage("node edge is within step 7, not at a boundary");
  }

  @Test
  void aPayloadThatIsNoneIsRefusedAndTheRightOneStillTaken() {
    SparseValues junk =
        SparseValues.newBuilder()
            .setKept(1)
            .setBits(4)
            .setGreatest(1)
            .setPositions(ByteString.copyFromUtf8("junk"))
            .setLevels(ByteString.copyFromUtf8("junk"))
            .build();
    worker.accept(
        activation(3, 7, TensorValue.newBuilder().addShape(1).addShape(2).setSparse(junk)));
    worker.accept(activation(3, 7, TensorValue.newBuilder().addShape(1L << 40).setSparse(junk)));
    worker.accept(activation(3, 7, TensorValue.newBuilder().addShape(3)));
    assertThat(sent).isEmpty();

    worker.accept(activation(3, 7));
    worker.accept(gradient(3, 7, TensorValue.newBuilder().addShape(1).addShape(2).setSparse(junk)));
    worker.accept(gradient(3, 7, TensorValue.newBuilder()));
    assertThat(sent).containsExactly("cloud activation 7");

    worker.accept(gradient(3, 7));
    assertThat(sent).containsExactly("cloud activation 7", "device gradient 7");
    assertThat(fatal).isEmpty();
  }

  private SegmentWorker worker() {
    ScalingCompute compute = new ScalingCompute(2, true);
    compute.initialise(1, 1);
    return new SegmentWorker(
        JOB,
        JOB.nodes().get(1),
        Assignment.of(JOB, EDGE, 3, PLACEMENT),
        7,
        compute,
        (indices, seconds) -> indices,
        Runnable::run,
        new Pacing(deadline -> now = Math.max(now, deadline), () -> now),
        seconds -> 1.5,
        new TrainingClock(() -> now, 0),
        metrics,
        (to, body) ->
            sent.add(
                to
                    + (body.hasActivation()
                        ? " activation " + body.getActivation().getStep()
                        : " gradient " + body.getGradient().getStep())),
        fatal::add);
  }

  private static Envelope activation(long epoch, long step) {
    return activation(epoch, step, values().toBuilder());
  }

  private static Envelope activation(long epoch, long step, TensorValue.Builder output) {
    return Envelope.newBuilder()
        .setFrom("device")
        .setActivation(
            Activation.newBuilder().setEpoch(epoch).setStep(step).addIndices(0).setOutput(output))
        .build();
  }

  private static Envelope gradient(long epoch, long step) {
    return gradient(epoch, step, values().toBuilder());
  }

  private static Envelope gradient(long epoch, long step, TensorValue.Builder gradient) {
    return Envelope.newBuilder()
        .setFrom("cloud")
        .setGradient(Gradient.newBuilder().setEpoch(epoch).setStep(step).setGradient(gradient))
        .build();
  }

  private static TensorValue values() {
    return TensorValues.encode(new Tensor(new float[] {1, 2}, new long[] {1, 2}));
  }

  private static MetricSample sample(Metric metric, double value) {
    return new MetricSample(new ComponentId("edge"), metric, value);
  }

  private static LayerProfile layer(String name) {
    return new LayerProfile(name, 0.010, 0.020, 8, 8);
  }

  private static LinkSpec link(NodeId from, NodeId to) {
    return new LinkSpec(from, to, 1e6, 0.001);
  }
}
