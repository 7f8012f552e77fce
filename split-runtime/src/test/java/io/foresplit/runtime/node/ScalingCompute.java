package io.foresplit.runtime.node;

import io.foresplit.runtime.tensor.LayerRun;
import io.foresplit.runtime.tensor.LayerState;
import io.foresplit.runtime.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
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
  private final Map<Integer, Pass> passes = new TreeMap<>();
  private List<LayerRun> recording = List.of();
  private List<LayerRun> recorded = List.of();

  private static final class Layer {
    private float[] weight;
    private float[] momentum;
    private long steps;
    private Tensor input;
    private Tensor outputGradient;
  }

  private static final class Pass {
    private final Map<Integer, Tensor> inputs = new TreeMap<>();
    private final Map<Integer, float[]> gradients = new TreeMap<>();
    private Tensor output;
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
      compute.forward(0, input);
      Optional<Tensor> inputGradient = compute.backward(0, replayed(outputGradient));
      return new Backward(inputGradient, compute.update(new TreeMap<>(Map.of(0, 1))));
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
  public void abandon() {
    passes.clear();
  }

  @Override
  public Output forward(int pass, Tensor input) {
    if (input.data().length != input.shape()[0] * width) {
      throw new IllegalArgumentException("a sample has " + width + " values, was " + input);
    }
    recorded = recording;
    Pass kept = new Pass();
    Tensor x = input;
    for (var entry : layers.entrySet()) {
      Layer layer = entry.getValue();
      layer.input = x;
      kept.inputs.put(entry.getKey(), x);
      float[] y = x.data().clone();
      for (int i = 0; i < y.length; i++) {
        y[i] *= layer.weight[i % width];
      }
      x = new Tensor(y, x.shape());
    }
    kept.output = x;
    passes.put(pass, kept);
    return new Output(x, 0, 1);
  }

  @Override
  public Optional<Tensor> backward(int pass, Tensor outputGradient) {
    Pass kept = passes.get(pass);
    float[] gradient = outputGradient.data().clone();
    for (int index : layers.descendingKeySet()) {
      Layer layer = layers.get(index);
      layer.outputGradient = new Tensor(gradient.clone(), outputGradient.shape());
      float[] own = new float[width];
      for (int i = 0; i < gradient.length; i++) {
        own[i % width] += gradient[i] * kept.inputs.get(index).data()[i];
        gradient[i] *= layer.weight[i % width];
      }
      kept.gradients.put(index, own);
    }
    return layers.firstKey() == 0
        ? Optional.empty()
        : Optional.of(new Tensor(gradient, outputGradient.shape()));
  }

  @Override
  public Loss lossAndBackward(int pass, int[] labels) {
    Tensor output = passes.get(pass).output;
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
    return new Loss(loss, backward(pass, new Tensor(gradient, output.shape())));
  }

  @Override
  public double update(SortedMap<Integer, Integer> samples) {
    float total = samples.values().stream().mapToInt(Integer::intValue).sum();
    double squares = 0;
    for (int index : layers.descendingKeySet()) {
      Layer layer = layers.get(index);
      for (int k = 0; k < width; k++) {
        float own = 0;
        for (var entry : samples.entrySet()) {
          own += passes.get(entry.getKey()).gradients.get(index)[k] * (entry.getValue() / total);
        }
        squares += own * own;
        layer.momentum[k] = MOMENTUM * layer.momentum[k] + own;
        layer.weight[k] -= RATE * layer.momentum[k];
      }
      layer.steps++;
    }
    passes.clear();
    return Math.sqrt(squares);
  }

  @Override
  public void drop(int pass) {
    passes.remove(pass);
  }

  @Override
  public void close() {
    layers.clear();
  }
}
