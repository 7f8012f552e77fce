package io.foresplit.runtime.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import java.util.Map;

/**
 * The forward function of each kind of layer. Results belong to the input's manager: a parameter is
 * never the first operand, for then the result would live as long as the parameter.
 */
final class LayerMath {
  /** Added to a variance before it divides. */
  static final float NORM_EPSILON = 1e-5f;

  private LayerMath() {}

  /**
   * @param input first dimension is the batch
   * @param p parameters by name
   */
  static NDArray forward(LayerDefinition layer, NDArray input, Map<String, NDArray> p) {
    if (layer instanceof LayerDefinition.Conv conv) {
      NDArray image = relu(convolve(input, p, "", 1, conv.padding()));
      Shape window = new Shape(conv.pool(), conv.pool());
      return conv.pool() == 1
          ? image
          : Pool.maxPool2d(image, window, window, new Shape(0, 0), false);
    }
    if (layer instanceof LayerDefinition.NormConv) {
      return relu(normalise(convolve(input, p, "conv.", 1, 1), p, "norm."));
    }
    if (layer instanceof LayerDefinition.GlobalMean) {
      return input
          .reshape(input.getShape().get(0), input.getShape().get(1), -1)
          .mean(new int[] {2});
    }
    if (layer instanceof LayerDefinition.Dense dense) {
      NDArray sum = linear(flat(input), p, "");
      return dense.relu() ? relu(sum) : sum;
    }
    if (layer instanceof LayerDefinition.Residual residual) {
      NDArray inner = relu(convolve(input, p, "conv1.", residual.stride(), 1));
      NDArray outer = convolve(inner, p, "conv2.", 1, 1);
      NDArray shortcut =
          residual.projects() ? convolve(input, p, "shortcut.", residual.stride(), 0) : input;
      return relu(outer.add(shortcut));
    }
    if (layer instanceof LayerDefinition.BasicBlock block) {
      NDArray inner = relu(normalise(convolve(input, p, "conv1.", block.stride(), 1), p, "norm1."));
      NDArray outer = normalise(convolve(inner, p, "conv2.", 1, 1), p, "norm2.");
      NDArray shortcut =
          block.projects()
              ? normalise(convolve(input, p, "shortcut.", block.stride(), 0), p, "norm3.")
              : input;
      return relu(outer.add(shortcut));
    }
    if (layer instanceof TextLayer text) {
      return TextMath.forward(text, input, p);
    }
    throw new IllegalArgumentException("no forward function for " + layer);
  }

  /** Along the last dimension; without a bias where there is no such parameter. */
  static NDArray linear(NDArray input, Map<String, NDArray> p, String prefix) {
    return Linear.linear(input, p.get(prefix + "weight"), p.get(prefix + "bias"))
        .singletonOrThrow();
  }

  private static NDArray convolve(
      NDArray input, Map<String, NDArray> p, String prefix, int stride, int padding) {
    NDList result =
        Conv2d.conv2d(
            input,
            p.get(prefix + "weight"),
            p.get(prefix + "bias"),
            new Shape(stride, stride),
            new Shape(padding, padding),
            new Shape(1, 1),
            1);
    return result.singletonOrThrow();
  }

  /**
   * Group normalisation (Wu and He, 2018, equation 7): each sample's groups of channels get mean 0
   * and variance 1, then each channel its own scale and bias.
   */
  private static NDArray normalise(NDArray image, Map<String, NDArray> p, String prefix) {
    Shape shape = image.getShape();
    int groups = groups((int) shape.get(1));
    long members = shape.size() / shape.get(0) / groups;
    Shape group = new Shape(members);
    NDArray flat = image.reshape(shape.get(0), groups, members);
    NDArray even =
        LayerNorm.layerNorm(
                flat,
                group,
                image.getManager().ones(group),
                image.getManager().zeros(group),
                NORM_EPSILON)
            .singletonOrThrow();
    return even.reshape(shape).mul(p.get(prefix + "scale")).add(p.get(prefix + "bias"));
  }

  /** Groups of about four channels, at most 32, as in the paper. */
  static int groups(int channels) {
    int groups = Math.max(1, Math.min(32, channels / 4));
    while (channels % groups != 0) {
      groups--;
    }
    return groups;
  }

  private static NDArray relu(NDArray x) {
    return Activation.relu(x);
  }

  private static NDArray flat(NDArray x) {
    return x.getShape().dimension() == 2 ? x : x.reshape(x.getShape().get(0), -1);
  }
}
