package io.foresplit.runtime.node;

import io.foresplit.contract.Compression;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.runtime.compress.Mask;
import io.foresplit.runtime.compress.SparseTensor;
import io.foresplit.runtime.link.LinkCompressions;
import io.foresplit.runtime.proto.TensorValue;
import io.foresplit.runtime.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a segment sends and gets in the passes of a step, compressed where the links between are.
 * The sender of an activation decides; its gradient comes back with the same mask and as many bits.
 * So both directions change in the same step, whatever each node knows.
 *
 * <p>What comes from others is refused with {@link IllegalArgumentException} when it is not what
 * the step waits for. Confined to the compute thread.
 */
final class StepTensors {
  private static final Logger LOG = LoggerFactory.getLogger(StepTensors.class);

  // so that what is sent forward and back at one place is rounded independently
  private static final int FORWARD = 0;
  private static final int BACKWARD = 1;

  // odd and large, so that no pass is rounded like another of a step nearby
  private static final long PASS = 0x9E3779B97F4A7C15L;

  private final JobSpec job;
  private final NodeId self;
  private final long seed;
  private final LinkCompressions links;
  private final Map<Integer, Form> sent = new HashMap<>();
  private final Map<Integer, Form> got = new HashMap<>();
  private boolean warned;

  /**
   * The form of an activation, which its gradient has to have.
   *
   * @param masked absent when it was not compressed
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Form(long[] shape, Optional<Masked> masked) {}

  private record Masked(Mask mask, int bits) {}

  /**
   * @param seed of the rounding of compressed values
   */
  StepTensors(JobSpec job, NodeId self, long seed, LinkCompressions links) {
    this.job = job;
    this.self = self;
    this.seed = seed;
    this.links = links;
  }

  /**
   * An activation for a later segment.
   *
   * @param lastLayer whose output it is; -1 for raw data, which is never compressed, for no
   *     gradient teaches anyone what it lacks
   */
  TensorValue activation(NodeId to, long step, int pass, Tensor output, int lastLayer) {
    Optional<Compression> compression =
        lastLayer >= 0 ? links.along(job, self, to) : Optional.empty();
    if (compression.isEmpty() || !compressible(output)) {
      sent.put(pass, new Form(output.shape(), Optional.empty()));
      return TensorValues.encode(output);
    }
    int bits = compression.get().bits();
    Mask mask = Mask.ofLargest(output.data(), compression.get());
    sent.put(pass, new Form(output.shape(), Optional.of(new Masked(mask, bits))));
    return TensorValues.encode(
        output,
        SparseTensor.ofActivation(
            output.data(), mask, bits, roundingSeed(FORWARD, lastLayer, step, pass)));
  }

  /**
   * An activation of an earlier segment.
   *
   * @param firstLayer that takes it
   */
  Tensor activation(TensorValue value, int pass, int firstLayer) {
    if (!value.hasSparse()) {
      Tensor tensor = TensorValues.decode(value);
      got.put(pass, new Form(tensor.shape(), Optional.empty()));
      return tensor;
    }
    if (firstLayer == 0) {
      throw new IllegalArgumentException("expected raw data that is not compressed");
    }
    long limit = job.layers().get(firstLayer - 1).outputBytes() / Float.BYTES;
    SparseTensor sparse = TensorValues.sparse(value);
    SparseTensor.Values values = sparse.activation(TensorValues.elements(value, limit));
    Tensor tensor = new Tensor(values.values(), TensorValues.shape(value));
    got.put(
        pass,
        new Form(tensor.shape(), Optional.of(new Masked(values.mask(), sparse.levels().bits()))));
    return tensor;
  }

  /**
   * The gradient of the activation that was got in a pass.
   *
   * @param firstLayer that has taken the activation
   */
  TensorValue gradient(long step, int pass, Tensor gradient, int firstLayer) {
    Optional<Masked> masked = required(got.get(pass)).masked();
    if (masked.isEmpty() || !compressible(gradient)) {
      return TensorValues.encode(gradient);
    }
    return TensorValues.encode(
        gradient,
        SparseTensor.ofGradient(
            gradient.data(),
            masked.get().mask(),
            masked.get().bits(),
            roundingSeed(BACKWARD, firstLayer - 1, step, pass)));
  }

  /** The gradient of the activation that was sent in a pass; what its mask left out is 0. */
  Tensor gradient(TensorValue value, int pass) {
    Form form = required(sent.get(pass));
    long[] shape = TensorValues.shape(value);
    if (!Arrays.equals(shape, form.shape())) {
      throw new IllegalArgumentException(
          "the gradient must have the shape of the output, "
              + Arrays.toString(form.shape())
              + ", was "
              + Arrays.toString(shape));
    }
    if (!value.hasSparse()) {
      return TensorValues.decode(value);
    }
    Mask mask =
        form.masked()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the gradient of an activation that was not compressed must not be"))
            .mask();
    return new Tensor(TensorValues.sparse(value).gradient(mask), shape);
  }

  /** The step is over, or given up: what was sent and got in it is forgotten. */
  void end() {
    sent.clear();
    got.clear();
  }

  private static Form required(@Nullable Form form) {
    if (form == null) {
      throw new IllegalStateException("no activation of this pass has been here");
    }
    return form;
  }

  /** Training that diverges has its say: what is not finite goes as it is, and is told once. */
  private boolean compressible(Tensor tensor) {
    for (float value : tensor.data()) {
      if (!Float.isFinite(value)) {
        if (!warned) {
          LOG.warn("node {} sends values that are not finite, and so not compressed", self);
          warned = true;
        }
        return false;
      }
    }
    return true;
  }

  /** Knows no nodes, so that values are rounded the same wherever the layers around them are. */
  private long roundingSeed(int direction, int layer, long step, int pass) {
    long boundary = 2L * layer + direction;
    return (seed * 1_000_003 + boundary) * 1_000_003 + step + pass * PASS;
  }
}
