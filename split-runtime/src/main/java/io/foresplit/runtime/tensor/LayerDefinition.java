package io.foresplit.runtime.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One layer of a chain, between which a model can be cut. Shapes are of one sample, images are
 * channels × side × side; all sizes follow from the shape of the input. Immutable.
 */
public sealed interface LayerDefinition
    permits LayerDefinition.Conv,
        LayerDefinition.NormConv,
        LayerDefinition.Residual,
        LayerDefinition.BasicBlock,
        LayerDefinition.GlobalMean,
        LayerDefinition.Dense,
        TextLayer {
  String name();

  SampleShape input();

  SampleShape output();

  /**
   * Multiply-adds count as two operations; forward, for one sample. Products alone: what acts on
   * single elements is left out.
   */
  double forwardFlops();

  /** The layer's parameters, in order. */
  List<Parameter> parameters();

  /**
   * Refuses a batch that the layer cannot take.
   *
   * @throws IllegalArgumentException in one line, which names the layer
   */
  default void check(Tensor batch) {
    if (batch.shape().length == 0
        || !Arrays.equals(batch.shape(), input().batch(batch.shape()[0]))) {
      throw refusal(batch);
    }
  }

  /** What {@link #check} throws. */
  default IllegalArgumentException refusal(Tensor batch) {
    return new IllegalArgumentException(
        "layer " + name() + " takes a batch of " + input() + " values, was " + batch);
  }

  /**
   * Convolution with stride 1, bias, ReLU, then the maximum over windows of pool × pool.
   *
   * @param pool 1 for none
   */
  record Conv(String name, SampleShape input, int outChannels, int kernel, int padding, int pool)
      implements LayerDefinition {
    private int side() {
      return input.length(1) + 2 * padding - kernel + 1;
    }

    @Override
    public SampleShape output() {
      return SampleShape.of(outChannels, side() / pool, side() / pool);
    }

    @Override
    public double forwardFlops() {
      return 2.0 * input.length(0) * kernel * kernel * outChannels * side() * side();
    }

    @Override
    public List<Parameter> parameters() {
      int in = input.length(0);
      return List.of(
          Parameter.weight("weight", in * kernel * kernel, 1, outChannels, in, kernel, kernel),
          Parameter.bias("bias", outChannels));
    }
  }

  /** 3 × 3 convolution without bias, group normalisation, ReLU; the image keeps its side. */
  record NormConv(String name, SampleShape input, int outChannels) implements LayerDefinition {
    @Override
    public SampleShape output() {
      return SampleShape.of(outChannels, input.length(1), input.length(2));
    }

    @Override
    public double forwardFlops() {
      return 2.0 * 9 * input.length(0) * output().elements();
    }

    @Override
    public List<Parameter> parameters() {
      return normalised("conv", "norm", input.length(0), outChannels, 3);
    }
  }

  /**
   * Residual block of two 3 × 3 convolutions without normalisation; a 1 × 1 convolution on the
   * shortcut where shape changes. The second convolution starts small, so that depth does not let
   * activations grow.
   */
  record Residual(String name, SampleShape input, int outChannels, int stride)
      implements LayerDefinition {
    boolean projects() {
      return stride != 1 || input.length(0) != outChannels;
    }

    @Override
    public SampleShape output() {
      return strided(input, outChannels, stride);
    }

    @Override
    public double forwardFlops() {
      return blockFlops(input.length(0), outChannels, projects()) * output().elements();
    }

    @Override
    public List<Parameter> parameters() {
      int in = input.length(0);
      List<Parameter> parameters = new ArrayList<>();
      parameters.add(Parameter.weight("conv1.weight", 9 * in, 1, outChannels, in, 3, 3));
      parameters.add(Parameter.bias("conv1.bias", outChannels));
      parameters.add(
          Parameter.weight("conv2.weight", 9 * outChannels, 0.25, outChannels, outChannels, 3, 3));
      parameters.add(Parameter.bias("conv2.bias", outChannels));
      if (projects()) {
        parameters.add(Parameter.weight("shortcut.weight", in, 1, outChannels, in, 1, 1));
        parameters.add(Parameter.bias("shortcut.bias", outChannels));
      }
      return parameters;
    }
  }

  /**
   * Basic block of a residual network (He et al., 2016, figure 5 left): two 3 × 3 convolutions and,
   * where shape changes, a 1 × 1 convolution on the shortcut, each with group normalisation (Wu and
   * He, 2018) in place of batch normalisation.
   */
  record BasicBlock(String name, SampleShape input, int outChannels, int stride)
      implements LayerDefinition {
    boolean projects() {
      return stride != 1 || input.length(0) != outChannels;
    }

    @Override
    public SampleShape output() {
      return strided(input, outChannels, stride);
    }

    @Override
    public double forwardFlops() {
      return blockFlops(input.length(0), outChannels, projects()) * output().elements();
    }

    @Override
    public List<Parameter> parameters() {
      int in = input.length(0);
      List<Parameter> parameters = new ArrayList<>();
      parameters.addAll(normalised("conv1", "norm1", in, outChannels, 3));
      parameters.addAll(normalised("conv2", "norm2", outChannels, outChannels, 3));
      if (projects()) {
        parameters.addAll(normalised("shortcut", "norm3", in, outChannels, 1));
      }
      return parameters;
    }
  }

  /** Mean over each channel; output is flat. */
  record GlobalMean(String name, SampleShape input) implements LayerDefinition {
    @Override
    public SampleShape output() {
      return SampleShape.of(input.length(0));
    }

    @Override
    public double forwardFlops() {
      return input.elements();
    }

    @Override
    public List<Parameter> parameters() {
      return List.of();
    }
  }

  /** Fully connected; takes samples of any form that have as many elements. */
  record Dense(String name, SampleShape input, int outputs, boolean relu)
      implements LayerDefinition {
    /**
     * Without ReLU the outputs are logits, which start small so that the loss starts near ln 10.
     */
    private static final double LOGITS_GAIN = 0.1;

    private int inputs() {
      return Math.toIntExact(input.elements());
    }

    @Override
    public void check(Tensor batch) {
      if (batch.shape().length < 2 || batch.data().length != batch.shape()[0] * inputs()) {
        throw refusal(batch);
      }
    }

    @Override
    public SampleShape output() {
      return SampleShape.of(outputs);
    }

    @Override
    public double forwardFlops() {
      return 2.0 * inputs() * outputs;
    }

    @Override
    public List<Parameter> parameters() {
      return List.of(
          Parameter.weight("weight", inputs(), relu ? 1 : LOGITS_GAIN, outputs, inputs()),
          Parameter.bias("bias", outputs));
    }
  }

  private static SampleShape strided(SampleShape input, int outChannels, int stride) {
    int side = (input.length(1) - 1) / stride + 1;
    return SampleShape.of(outChannels, side, side);
  }

  /** Operations for one element of the output of two 3 × 3 convolutions. */
  private static double blockFlops(int inChannels, int outChannels, boolean projects) {
    return 2.0 * 9 * (inChannels + outChannels) + (projects ? 2.0 * inChannels : 0);
  }

  private static List<Parameter> normalised(
      String conv, String norm, int inChannels, int outChannels, int kernel) {
    return List.of(
        Parameter.weight(
            conv + ".weight",
            kernel * kernel * inChannels,
            1,
            outChannels,
            inChannels,
            kernel,
            kernel),
        // of a form that spreads over batch × channels × side × side
        Parameter.scale(norm + ".scale", outChannels, 1, 1),
        Parameter.bias(norm + ".bias", outChannels, 1, 1));
  }
}
