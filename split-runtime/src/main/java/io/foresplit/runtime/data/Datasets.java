package io.foresplit.runtime.data;

import io.foresplit.runtime.tensor.ModelDefinition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The data set a model is trained on, and the one it is judged by. */
public final class Datasets {
  private static final int DRAWN_IMAGES = 20_000;
  private static final int DRAWN_CHARACTERS = 400_000;
  private static final int HELD_OUT_IMAGES = 5_000;
  private static final int HELD_OUT_CHARACTERS = 50_000;
  private static final int TRAINING_STREAM = 0;
  private static final int HELD_OUT_STREAM = 1;

  private Datasets() {}

  /**
   * What a model is trained on.
   *
   * @param path folder of Fashion-MNIST for a model of images, text file for one of text; empty to
   *     have it drawn
   * @param seed of drawn data
   * @throws IOException in one line, when there is no such data or the model cannot take it
   */
  public static Dataset open(ModelDefinition model, Optional<Path> path, long seed)
      throws IOException {
    if (model.readsText()) {
      return path.isPresent()
          ? TextDataset.load(path.get(), positions(model))
          : drawnText(model, seed, TRAINING_STREAM, DRAWN_CHARACTERS);
    }
    return path.isPresent()
        ? fitting(model, FashionMnist.load(path.get()))
        : new DrawnDataset(seed, DRAWN_IMAGES, model.input());
  }

  /** Data of the same kind that is never trained on; see {@link #open}. */
  public static Dataset openHeldOut(ModelDefinition model, Optional<Path> path, long seed)
      throws IOException {
    if (model.readsText()) {
      return path.isPresent()
          ? TextDataset.loadHeldOut(path.get(), positions(model))
          : drawnText(model, seed, HELD_OUT_STREAM, HELD_OUT_CHARACTERS);
    }
    return path.isPresent()
        ? fitting(model, FashionMnist.loadTest(path.get()))
        : new DrawnDataset(~seed, HELD_OUT_IMAGES, model.input());
  }

  /** A few samples of what the model takes, drawn at once. */
  public static Dataset few(ModelDefinition model, int samples) {
    return model.readsText()
        ? drawnText(model, 0, TRAINING_STREAM, positions(model) + 1 + samples * TextDataset.STRIDE)
        : new DrawnDataset(0, samples, model.input());
  }

  private static Dataset fitting(ModelDefinition model, FashionMnist data) throws IOException {
    if (!model.input().equals(FashionMnist.IMAGE)) {
      throw new IOException(
          "model "
              + model.name()
              + " takes "
              + model.input()
              + ", and "
              + data.description()
              + " has "
              + FashionMnist.IMAGE
              + "; leave --dataset out to train on drawn images, or take another model");
    }
    return data;
  }

  private static Dataset drawnText(ModelDefinition model, long seed, int stream, int characters) {
    DrawnText.Text text = new DrawnText(seed).text(stream, characters);
    return TextDataset.of("drawn text (made by the program)", text.characters(), positions(model));
  }

  private static int positions(ModelDefinition model) {
    return model.input().length(0);
  }
}
