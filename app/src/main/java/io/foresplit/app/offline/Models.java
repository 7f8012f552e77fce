package io.foresplit.app.offline;

import io.foresplit.forecaster.Forecaster;
import io.foresplit.forecaster.SeriesForecaster;
import io.foresplit.forecaster.model.ModelFileException;
import io.foresplit.forecaster.model.OnnxForecaster;
import io.foresplit.forecaster.model.OnnxModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The forecasters of a command, with the model that some of them run. */
record Models(List<Forecaster> forecasters, Optional<OnnxModel> model) implements AutoCloseable {
  private static final String NONE = "none";

  /**
   * @param given path of a model, {@code none} for baselines alone, or null for the model built in
   */
  static Models of(@Nullable String given) throws ModelFileException {
    if (NONE.equals(given)) {
      return new Models(SeriesForecaster.baselines(), Optional.empty());
    }
    OnnxModel model =
        given == null
            ? OnnxModel.bundled(OnnxModel.Options.DEFAULT)
            : OnnxModel.load(Path.of(given), OnnxModel.Options.DEFAULT);
    return new Models(OnnxForecaster.beforeBaselines(model), Optional.of(model));
  }

  @Override
  public void close() {
    model.ifPresent(OnnxModel::close);
  }
}
