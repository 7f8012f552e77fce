package io.foresplit.runtime.tensor;

import io.foresplit.runtime.tensor.LayerDefinition.BasicBlock;
import io.foresplit.runtime.tensor.LayerDefinition.Conv;
import io.foresplit.runtime.tensor.LayerDefinition.Dense;
import io.foresplit.runtime.tensor.LayerDefinition.GlobalMean;
import io.foresplit.runtime.tensor.LayerDefinition.NormConv;
import io.foresplit.runtime.tensor.LayerDefinition.Residual;
import io.foresplit.runtime.tensor.ModelDefinition.Link;
import java.util.ArrayList;
import java.util.List;

/** The models that come with the program. */
final class Models {
  private static final int CLASSES = 10;
  private static final SampleShape GREY = SampleShape.of(1, 28, 28);
  private static final SampleShape COLOUR = SampleShape.of(3, 32, 32);

  private static final int POSITIONS = 64;

  private static final List<ModelDefinition> KNOWN =
      List.of(
          ModelDefinition.chain(
              "mlp",
              GREY,
              List.of(
                  in -> new Dense("fc1", in, 128, true),
                  in -> new Dense("fc2", in, 64, true),
                  in -> new Dense("fc3", in, CLASSES, false))),
          // after LeCun et al., "Gradient-based learning applied to document recognition", 1998
          ModelDefinition.chain(
              "lenet",
              GREY,
              List.of(
                  in -> new Conv("conv1", in, 6, 5, 2, 2),
                  in -> new Conv("conv2", in, 16, 5, 0, 2),
                  in -> new Dense("fc1", in, 120, true),
                  in -> new Dense("fc2", in, 84, true),
                  in -> new Dense("fc3", in, CLASSES, false))),
          ModelDefinition.chain(
              "rescnn",
              GREY,
              List.of(
                  in -> new Conv("conv1", in, 8, 3, 1, 2),
                  in -> new Residual("res1", in, 8, 1),
                  in -> new Residual("res2", in, 16, 2),
                  in -> new Residual("res3", in, 16, 1),
                  in -> new GlobalMean("mean", in),
                  in -> new Dense("fc", in, CLASSES, false))),
          resnet18("resnet18", GREY, 64),
          resnet18("resnet18-narrow", GREY, 16),
          resnet18("resnet18-rgb", COLOUR, 64),
          transformer("transformer", POSITIONS, 64, 4, 4));

  private Models() {}

  static ModelDefinition named(String name) {
    return KNOWN.stream()
        .filter(m -> m.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "model must be one of "
                        + KNOWN.stream().map(ModelDefinition::name).toList()
                        + ", was '"
                        + name
                        + "'"));
  }

  /**
   * ResNet-18 (He et al., 2016) in the form for small images: a 3 × 3 convolution without pooling
   * in place of 7 × 7 with.
   *
   * @param width channels of the first stage, 64 in the paper
   */
  static ModelDefinition resnet18(String name, SampleShape image, int width) {
    List<Link> links = new ArrayList<>();
    links.add(in -> new NormConv("conv1", in, width));
    for (int stage = 0; stage < 4; stage++) {
      int channels = width << stage;
      int stride = stage == 0 ? 1 : 2;
      String block = "block" + (stage + 1);
      links.add(in -> new BasicBlock(block + "a", in, channels, stride));
      links.add(in -> new BasicBlock(block + "b", in, channels, 1));
    }
    links.add(in -> new GlobalMean("mean", in));
    links.add(in -> new Dense("fc", in, CLASSES, false));
    return ModelDefinition.chain(name, image, links);
  }

  /** A decoder-only transformer over characters. */
  static ModelDefinition transformer(String name, int positions, int width, int heads, int blocks) {
    List<Link> links = new ArrayList<>();
    links.add(in -> new TextLayer.Embedding("embedding", in, TextLayer.CHARACTERS, width));
    for (int i = 1; i <= blocks; i++) {
      String block = "block" + i;
      links.add(in -> new TextLayer.Block(block, in, heads, blocks));
    }
    links.add(in -> new TextLayer.Head("head", in, TextLayer.CHARACTERS));
    return ModelDefinition.chain(name, SampleShape.of(positions), links);
  }
}
