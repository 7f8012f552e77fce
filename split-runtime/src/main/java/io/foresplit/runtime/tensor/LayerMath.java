package io.foresplit.runtime.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import java.util.Map;

/** The forward function of each kind of layer. Results belong to the input's manager. */
final class LayerMath {
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
    if (layer instanceof LayerDefinition.GlobalMean) {
      return input
          .reshape(input.getShape().get(0), input.getShape().get(1), -1)
          .mean(new int[] {2});
    }
    if (layer instanceof LayerDefinition.Dense dense) {
      NDArray sum = Linear.linear(flat(input), p.get("weight"), p.get("bias")).singletonOrThrow();
      return dense.relu() ? relu(sum) : sum;
    }
    if (layer instanceof LayerDefinition.Residual residual) {
      NDArray inner = relu(convolve(input, p, "conv1.", residual.stride(), 1));
      NDArray outer = convolve(inner, p, "conv2.", 1, 1);
      NDArray shortcut =
          residual.projects() ? convolve(input, p, "shortcut.", residual.stride(), 0) : input;
      return relu(outer.add(shortcut));
    }
    throw new IllegalArgumentException("no forward function for " + layer);
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

  private static NDArray relu(NDArray x) {
    return Activation.relu(x);
  }

  private static NDArray flat(NDArray x) {
    return x.getShape().dimension() == 2 ? x : x.reshape(x.getShape().get(0), -1);
  }
}
