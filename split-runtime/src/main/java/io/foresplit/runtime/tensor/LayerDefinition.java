package io.foresplit.runtime.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * One layer of a chain, between which a model can be cut. Sizes are for one sample; images are
 * channels × size × size.
 */
public sealed interface LayerDefinition {
  String name();

  /** Elements of the output for one sample. */
  long outputElements();

  /** Multiply-adds count as two operations; forward, for one sample. */
  double forwardFlops();

  /** The layer's parameters, in order. */
  List<Parameter> parameters();

  /**
   * A parameter tensor.
   *
   * @param fanIn inputs of one output, for He initialisation; 0 for a bias, which starts at 0
   * @param gain factor on the initial spread
   */
  record Parameter(String name, List<Long> shape, int fanIn, double gain) {
    public Parameter {
      shape = List.copyOf(shape);
    }

    static Parameter weight(String name, int fanIn, double gain, long... shape) {
      return new Parameter(name, boxed(shape), fanIn, gain);
    }

    static Parameter bias(String name, long length) {
      return new Parameter(name, List.of(length), 0, 0);
    }

    public long elements() {
      return shape.stream().reduce(1L, Math::multiplyExact);
    }

    private static List<Long> boxed(long[] shape) {
      List<Long> boxed = new ArrayList<>();
      for (long dimension : shape) {
        boxed.add(dimension);
      }
      return boxed;
    }
  }

  /**
   * Convolution with stride 1, bias, ReLU, then the maximum over windows of pool × pool.
   *
   * @param size of the image between convolution and pooling
   * @param pool 1 for none
   */
  record Conv(
      String name, int inChannels, int outChannels, int kernel, int padding, int size, int pool)
      implements LayerDefinition {
    @Override
    public long outputElements() {
      return (long) outChannels * (size / pool) * (size / pool);
    }

    @Override
    public double forwardFlops() {
      return 2.0 * inChannels * kernel * kernel * outChannels * size * size;
    }

    @Override
    public List<Parameter> parameters() {
      return List.of(
          Parameter.weight(
              "weight", inChannels * kernel * kernel, 1, outChannels, inChannels, kernel, kernel),
          Parameter.bias("bias", outChannels));
    }
  }

  /** Mean over each channel; output is flat. */
  record GlobalMean(String name, int channels, int inSize) implements LayerDefinition {
    @Override
    public long outputElements() {
      return channels;
    }

    @Override
    public double forwardFlops() {
      return (double) channels * inSize * inSize;
    }

    @Override
    public List<Parameter> parameters() {
      return List.of();
    }
  }

  /** Fully connected, on flat input. */
  record Dense(String name, int inputs, int outputs, boolean relu) implements LayerDefinition {
    /**
     * Without ReLU the outputs are logits, which start small so that the loss starts near ln 10.
     */
    private static final double LOGITS_GAIN = 0.1;

    @Override
    public long outputElements() {
      return outputs;
    }

    @Override
    public double forwardFlops() {
      return 2.0 * inputs * outputs;
    }

    @Override
    public List<Parameter> parameters() {
      return List.of(
          Parameter.weight("weight", inputs, relu ? 1 : LOGITS_GAIN, outputs, inputs),
          Parameter.bias("bias", outputs));
    }
  }

  /**
   * Residual block of two 3 × 3 convolutions without normalisation; a 1 × 1 convolution on the
   * shortcut where shape changes. The second convolution starts small, so that depth does not let
   * activations grow.
   */
  record Residual(String name, int inChannels, int outChannels, int stride, int outSize)
      implements LayerDefinition {
    boolean projects() {
      return stride != 1 || inChannels != outChannels;
    }

    @Override
    public long outputElements() {
      return (long) outChannels * outSize * outSize;
    }

    @Override
    public double forwardFlops() {
      double perOutput = 2.0 * 9 * (inChannels + outChannels) + (projects() ? 2.0 * inChannels : 0);
      return perOutput * outputElements();
    }

    @Override
    public List<Parameter> parameters() {
      List<Parameter> parameters = new ArrayList<>();
      parameters.add(
          Parameter.weight("conv1.weight", 9 * inChannels, 1, outChannels, inChannels, 3, 3));
      parameters.add(Parameter.bias("conv1.bias", outChannels));
      parameters.add(
          Parameter.weight("conv2.weight", 9 * outChannels, 0.25, outChannels, outChannels, 3, 3));
      parameters.add(Parameter.bias("conv2.bias", outChannels));
      if (projects()) {
        parameters.add(
            Parameter.weight("shortcut.weight", inChannels, 1, outChannels, inChannels, 1, 1));
        parameters.add(Parameter.bias("shortcut.bias", outChannels));
      }
      return parameters;
    }
  }
}
