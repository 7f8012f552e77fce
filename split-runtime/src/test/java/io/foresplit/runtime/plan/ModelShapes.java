package io.foresplit.runtime.plan;

import io.foresplit.runtime.plan.ModelGraph.Layer;
import io.foresplit.runtime.plan.TierNetwork.Link;
import io.foresplit.runtime.plan.TierNetwork.Tier;
import java.util.ArrayList;
import java.util.List;

/**
 * Graphs with the layers, shapes and operation counts of published networks for images of 224 × 224
 * and a batch of 32, each convolution, normalisation, activation, sum and concatenation a layer of
 * its own. After He et al., "Deep Residual Learning for Image Recognition", and Huang et al.,
 * "Densely Connected Convolutional Networks".
 */
final class ModelShapes {
  private static final int BATCH = 32;
  private static final double FLOPS = 1e12;

  private final List<Layer> layers = new ArrayList<>();

  /** Channels and side of each layer's output. */
  private final List<int[]> shapes = new ArrayList<>();

  private ModelShapes() {}

  static ModelGraph resNet50() {
    ModelShapes net = new ModelShapes();
    int x = net.convolution(-1, 64, 7, 2);
    x = net.pool(net.pointwise(net.pointwise(x)), 2);
    int[] blocks = {3, 4, 6, 3};
    for (int stage = 0; stage < 4; stage++) {
      int width = 64 << stage;
      for (int block = 0; block < blocks[stage]; block++) {
        int stride = stage > 0 && block == 0 ? 2 : 1;
        int y = net.activated(net.convolution(x, width, 1, 1));
        y = net.activated(net.convolution(y, width, 3, stride));
        y = net.pointwise(net.convolution(y, 4 * width, 1, 1));
        int shortcut = block == 0 ? net.pointwise(net.convolution(x, 4 * width, 1, stride)) : x;
        x = net.pointwise(net.join(y, shortcut, 4 * width));
      }
    }
    return net.end("resnet50", x);
  }

  static ModelGraph denseNet121() {
    ModelShapes net = new ModelShapes();
    int x = net.convolution(-1, 64, 7, 2);
    x = net.pool(net.activated(x), 2);
    int[] blocks = {6, 12, 24, 16};
    for (int stage = 0; stage < 4; stage++) {
      for (int layer = 0; layer < blocks[stage]; layer++) {
        int y = net.convolution(net.activated(x), 128, 1, 1);
        y = net.convolution(net.activated(y), 32, 3, 1);
        x = net.join(x, y, net.shapes.get(x)[0] + 32);
      }
      if (stage < 3) {
        x = net.convolution(net.activated(x), net.shapes.get(x)[0] / 2, 1, 1);
        x = net.pool(x, 2);
      }
    }
    return net.end("densenet121", net.activated(x));
  }

  /** A weak device, a middling edge and a strong server over radio and fibre. */
  static TierNetwork network(int tiers) {
    List<Tier> all =
        List.of(Tier.ofSpeed("device", 0.5), Tier.ofSpeed("edge", 4), Tier.ofSpeed("cloud", 20));
    List<Link> links = List.of(new Link(2.5e7, 5e7, 0.01), new Link(1.25e8, 1.25e8, 0.03));
    return tiers == 3
        ? new TierNetwork(all, links)
        : new TierNetwork(List.of(all.get(0), all.get(2)), links.subList(0, 1));
  }

  private int activated(int x) {
    return pointwise(pointwise(x));
  }

  private int pointwise(int x) {
    int[] shape = shapes.get(x);
    return add(List.of(x), shape[0], shape[1], 4.0 * elements(shape), 2L * shape[0]);
  }

  private int pool(int x, int factor) {
    int[] shape = shapes.get(x);
    return add(List.of(x), shape[0], shape[1] / factor, 2.0 * elements(shape), 0);
  }

  private int join(int x, int y, int channels) {
    int side = shapes.get(x)[1];
    return add(List.of(x, y), channels, side, 1.0 * channels * side * side, 0);
  }

  private int convolution(int x, int channels, int kernel, int stride) {
    int[] in = x < 0 ? new int[] {3, 224} : shapes.get(x);
    int side = in[1] / stride;
    long weights = (long) in[0] * kernel * kernel * channels;
    return add(
        x < 0 ? List.of() : List.of(x), channels, side, 2.0 * weights * side * side, weights);
  }

  private static long elements(int[] shape) {
    return (long) shape[0] * shape[1] * shape[1];
  }

  private int add(List<Integer> inputs, int channels, int side, double flops, long weights) {
    int[] shape = {channels, side};
    shapes.add(shape);
    long bytes = 4 * BATCH * elements(shape);
    double forward = flops * BATCH / FLOPS;
    layers.add(
        new Layer(
            "l" + layers.size(),
            "",
            inputs,
            forward,
            2 * forward,
            new LayerBytes(bytes, bytes, 4 * weights, 4 * weights, bytes),
            inputs.isEmpty(),
            false));
    return layers.size() - 1;
  }

  private ModelGraph end(String name, int x) {
    int pooled = pool(x, shapes.get(x)[1]);
    int channels = shapes.get(pooled)[0];
    add(List.of(pooled), 1000, 1, 2000.0 * channels, 1000L * channels);
    return new ModelGraph(name, layers);
  }
}
