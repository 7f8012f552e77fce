package io.foresplit.runtime.node;

import io.foresplit.runtime.tensor.LayerRun;
import io.foresplit.runtime.tensor.LayerState;
import io.foresplit.runtime.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A tiny model in plain Java, several of which can be in one JVM: each layer scales each element by
 * a weight and is trained with momentum; the loss is the squared distance of the sum of all
 * elements from the label.
 */
public class ScalingCompute implements SegmentCompute {
  private static final float RATE = 1e-4f;
  private static final float MOMENTUM = 0.9f;

  private final TreeMap<Integer, Layer> layers = new TreeMap<>();
  private final int width;
  private final boolean accepts;
  private Tensor output;
  private List<LayerRun> recording = List.of();
  private List<LayerRun> recorded = List.of();

  private static final class Layer {
    private float[] weight;
    private float[] momentum;
    private long steps;
    private Tensor input;
    private Tensor outputGradient;
  }

  /**
   * A segment without layers.
   *
   * @param accepts whether {@link #check} accepts states
   */
  public ScalingCompute(int width, boolean accepts) {
    this.width = width;
    this.accepts = accepts;
  }

  @Override
  public void initialise(int firstLayer, int lastLayer) {
    for (int i = firstLayer; i <= lastLayer; i++) {
      Layer layer = new Layer();
      layer.weight = new float[width];
      layer.momentum = new float[width];
      for (int k = 0; k < width; k++) {
        layer.weight[k] = 0.5f + ((i * 31 + k * 17) % 23) / 40f;
      }
      layers.put(i, layer);
    }
  }

  @Override
  public void check(LayerState state) {
    before("check");
    if (!accepts) {
      throw new IllegalArgumentException("layer " + state.layer() + " does not fit this node");
    }
  }

  @Override
  public void install(List<LayerState> states) {
    for (LayerState state : states) {
      Layer layer = new Layer();
      layer.steps = state.steps();
      layer.weight = state.arrays().get("weight").data().clone();
      layer.momentum = state.arrays().get("weight.m").data().clone();
      layers.put(state.layer(), layer);
    }
  }

  @Override
  public void retain(int firstLayer, int lastLayer) {
    layers.keySet().removeIf(layer -> layer < firstLayer || layer > lastLayer);
  }

  @Override
  public List<LayerState> export(int firstLayer, int lastLayer) {
    List<LayerState> states = new ArrayList<>();
    for (int i = firstLayer; i <= lastLayer; i++) {
      Layer layer = layers.get(i);
      states.add(
          new LayerState(
              i,
              layer.steps,
              new TreeMap<>(
                  Map.of(
                      "weight", new Tensor(layer.weight.clone(), new long[] {width}),
                      "weight.m", new Tensor(layer.momentum.clone(), new long[] {width})))));
    }
    return states;
  }

  @Override
  public void record(Collection<LayerRun> runs) {
    recording = List.copyOf(runs);
  }

  @Override
  public Map<LayerRun, Tensor> recordedInputs() {
    return recorded.stream()
        .collect(Collectors.toMap(run -> run, run -> layers.get(run.first()).input));
  }

  @Override
  public Map<LayerRun, Tensor> recordedGradients() {
    return recorded.stream()
        .collect(Collectors.toMap(run -> run, run -> layers.get(run.last()).outputGradient));
  }

  @Override
  public Replica replica(List<LayerState> states) {
    ScalingCompute copy = new ScalingCompute(width, accepts);
    before("replica");
    copy.install(states);
    return new ScalingReplica(copy);
  }

  @Override
  public void adopt(Replica replica) {
    before("adopt");
    layers.putAll(((ScalingReplica) replica).compute.layers);
  }

  /** Is told, on the compute thread, what is about to be done in a move. */
  protected void before(String what) {}

  /** The gradient a replica takes for one that was recorded. */
  protected Tensor replayed(Tensor gradient) {
    return gradient;
  }

  private final class ScalingReplica implements Replica {
    private final ScalingCompute compute;

    ScalingReplica(ScalingCompute compute) {
      this.compute = compute;
    }

    @Override
    public Backward replay(Tensor input, Tensor outputGradient) {
      before("replay");
      compute.forward(input);
      return compute.backward(replayed(outputGradient));
    }

    @Override
    public List<LayerState> export() {
      return compute.export(compute.layers.firstKey(), compute.layers.lastKey());
    }

    @Override
    public void close() {
      compute.close();
    }
  }

  @Override
  public void abandon() {}

  @Override
  public Output forward(Tensor input) {
    recorded = recording;
    Tensor x = input;
    for (Layer layer : layers.values()) {
      layer.input = x;
      float[] y = x.data().clone();
      for (int i = 0; i < y.length; i++) {
        y[i] *= layer.weight[i % width];
      }
      x = new Tensor(y, x.shape());
    }
    output = x;
    return new Output(x, 0, 1);
  }

  @Override
  public Backward backward(Tensor outputGradient) {
    float[] gradient = outputGradient.data().clone();
    double squares = 0;
    for (Layer layer : layers.descendingMap().values()) {
      layer.outputGradient = new Tensor(gradient.clone(), outputGradient.shape());
      float[] own = new float[width];
      for (int i = 0; i < gradient.length; i++) {
        own[i % width] += gradient[i] * layer.input.data()[i];
        gradient[i] *= layer.weight[i % width];
      }
      for (int k = 0; k < width; k++) {
        squares += own[k] * own[k];
        layer.momentum[k] = MOMENTUM * layer.momentum[k] + own[k];
        layer.weight[k] -= RATE * layer.momentum[k];
      }
      layer.steps++;
    }
    Optional<Tensor> input =
        layers.firstKey() == 0
            ? Optional.empty()
            : Optional.of(new Tensor(gradient, outputGradient.shape()));
    return new Backward(input, Math.sqrt(squares));
  }

  @Override
  public Loss lossAndBackward(int[] labels) {
    float[] gradient = new float[output.data().length];
    double loss = 0;
    for (int b = 0; b < labels.length; b++) {
      float sum = 0;
      for (int k = 0; k < width; k++) {
        sum += output.data()[b * width + k];
      }
      float error = sum - labels[b];
      loss += 0.5 * error * error / labels.length;
      for (int k = 0; k < width; k++) {
        gradient[b * width + k] = error / labels.length;
      }
    }
    return new Loss(loss, backward(new Tensor(gradient, output.shape())));
  }

  @Override
  public void close() {
    layers.clear();
  }
}
