package io.foresplit.forecaster.model;

import io.foresplit.forecaster.Forecaster;
import io.foresplit.forecaster.SeriesForecaster;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The forecasters a series is forecast with, and the model that one of them runs, which is closed
 * with them.
 *
 * @param all the model's first, if there is one
 */
public record Forecasters(List<Forecaster> all, Optional<OnnxModel> model)
    implements AutoCloseable {
  /** In the place of a file: baselines alone. */
  public static final String NONE = "none";

  public Forecasters {
    all = List.copyOf(all);
  }

  /**
   * Loads a model.
   *
   * @param given path of a file, {@value #NONE} for baselines alone, or null for the model built in
   */
  public static Forecasters of(@Nullable String given) throws ModelFileException {
    if (NONE.equals(given)) {
      return new Forecasters(SeriesForecaster.baselines(), Optional.empty());
    }
    OnnxModel model =
        given == null
            ? OnnxModel.bundled(OnnxModel.Options.DEFAULT)
            : OnnxModel.load(Path.of(given), OnnxModel.Options.DEFAULT);
    return new Forecasters(OnnxForecaster.beforeBaselines(model), Optional.of(model));
  }

  @Override
  public void close() {
    model.ifPresent(OnnxModel::close);
  }
}
