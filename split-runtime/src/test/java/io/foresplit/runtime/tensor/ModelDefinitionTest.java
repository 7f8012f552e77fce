package io.foresplit.runtime.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.contract.LayerProfile;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.tensor.Optimiser.Adam;
import io.foresplit.runtime.tensor.Optimiser.SgdMomentum;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a definition says of a model is what its layers do. */
class ModelDefinitionTest {
  private static final Optimiser SGD = new SgdMomentum(0.05, 0.9);
  private static final Optimiser ADAM = new Adam(0.001, 0.9, 0.999, 1e-8);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mlp",
        "lenet",
        "rescnn",
        "resnet18",
        "resnet18-narrow",
        "resnet18-rgb",
        "transformer",
        "tiny-resnet18",
        "tiny-transformer"
      })
  void profilesTellTheBytesThatLayersReallyGive(String name) {
    ModelDefinition model = TinyModels.named(name);
    Dataset data = TinyModels.data(model);
    for (int batch : new int[] {1, 3}) {
      List<LayerProfile> profile = model.profile(batch);
      Tensor x = data.batch(TinyModels.indices(data, batch, 0));
      try (SegmentTrainer trainer = TinyModels.trainer(model, SGD)) {
        for (int layer = 0; layer < profile.size(); layer++) {
          trainer.retain(-1, -1);
          trainer.initialise(layer, layer);
          x = TinyModels.output(trainer, x);
          LayerDefinition definition = model.layers().get(layer);
          assertThat(x.shape()).as(definition.name()).isEqualTo(definition.output().batch(batch));
          assertThat(profile.get(layer).outputBytes()).isEqualTo(x.bytes().length);
          long parameters =
              trainer.export(layer, layer).get(0).arrays().entrySet().stream()
                  .filter(e -> !e.getKey().endsWith(".momentum"))
                  .mapToLong(e -> e.getValue().bytes().length)
                  .sum();
          assertThat(profile.get(layer).parameterBytes()).isEqualTo(parameters);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"lenet", "rescnn", "resnet18-narrow", "transformer"})
  void statesHaveTheBytesToldAndSurviveThem(String name) {
    ModelDefinition model = ModelDefinition.named(name);
    for (Optimiser optimiser : List.of(SGD, ADAM)) {
      try (SegmentTrainer trainer = TinyModels.whole(model, optimiser)) {
        for (LayerState state : trainer.export(0, model.layers().size() - 1)) {
          byte[] bytes = state.encode();
          assertThat(model.stateBytes(state.layer(), optimiser)).isEqualTo(bytes.length);
          assertThat(LayerState.decode(bytes)).isEqualTo(state);
        }
      }
    }
  }

  @Test
  void sizesAreThoseOfThePapers() {
    assertThat(parameters("resnet18-rgb")).isEqualTo(11_173_962);
    assertThat(parameters("resnet18")).isEqualTo(11_173_962 - 2 * 64 * 9);
    assertThat(parameters("lenet")).isEqualTo(61_706);
    ModelDefinition transformer = ModelDefinition.named("transformer");
    assertThat(parameters("transformer"))
        .isEqualTo(2 * 97 * 64 + 97 + 64 * 64 + 2 * 64 + 4 * (12 * 64 * 64 + 13 * 64));
    assertThat(transformer.classes()).isEqualTo(97);
    assertThat(transformer.labelsPerSample()).isEqualTo(64);
    // 0.56 billion multiply-adds for one image of 3 x 32 x 32
    double operations =
        ModelDefinition.named("resnet18-rgb").layers().stream()
            .mapToDouble(LayerDefinition::forwardFlops)
            .sum();
    assertThat(operations / 2).isBetween(0.55e9, 0.56e9);
  }

  private static long parameters(String model) {
    return ModelDefinition.named(model).profile(1).stream()
            .mapToLong(LayerProfile::parameterBytes)
            .sum()
        / Float.BYTES;
  }

  @Test
  void blocksAreTheLayersOfTheChain() {
    Map<String, String> layers =
        Map.of(
            "resnet18",
            "conv1 block1a block1b block2a block2b block3a block3b block4a block4b mean fc",
            "transformer",
            "embedding block1 block2 block3 block4 head");
    layers.forEach(
        (model, names) ->
            assertThat(
                    ModelDefinition.named(model).layers().stream()
                        .map(LayerDefinition::name)
                        .collect(Collectors.joining(" ")))
                .isEqualTo(names));
  }

  @Test
  void whatCannotBeIsRefusedInOneLine() {
    assertThatThrownBy(() -> ModelDefinition.named("gpt"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("resnet18")
        .hasMessageContaining("transformer")
        .hasMessageEndingWith("was 'gpt'");
    SampleShape image = SampleShape.of(1, 28, 28);
    List<LayerDefinition> unlike =
        List.of(
            new LayerDefinition.NormConv("conv1", image, 4),
            new LayerDefinition.Dense("fc", image, 10, false));
    assertThatThrownBy(() -> new ModelDefinition("x", unlike))
        .hasMessage("layer fc takes 1 x 28 x 28, and the layer before gives 4 x 28 x 28");
    assertThatThrownBy(() -> Models.transformer("x", 8, 10, 4, 1))
        .hasMessage("heads must divide the width 10, was 4");
    assertThatThrownBy(() -> SampleShape.of(1, 0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anInputThatIsNotTheLayersIsRefused() {
    try (SegmentTrainer images = TinyModels.whole(TinyModels.named("tiny-resnet18"), SGD);
        SegmentTrainer text = TinyModels.whole(TinyModels.named("tiny-transformer"), SGD)) {
      Tensor flat = new Tensor(new float[162], new long[] {1, 162});
      assertThatThrownBy(() -> images.forward(flat))
          .hasMessage("layer conv1 takes a batch of 2 x 9 x 9 values, was Tensor[1, 162]");
      for (float symbol : new float[] {-1, 97, 0.5f, Float.NaN}) {
        Tensor wrong = new Tensor(new float[] {0, 1, 2, 3, 4, symbol}, new long[] {1, 6});
        assertThatThrownBy(() -> text.forward(wrong))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("layer embedding takes symbols 0 to 96 in whole numbers, was " + symbol);
      }
    }
  }
}
