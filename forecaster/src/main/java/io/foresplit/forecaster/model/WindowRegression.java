package io.foresplit.forecaster.model;

import com.google.protobuf.InvalidProtocolBufferException;
import io.foresplit.forecaster.Quantiles;
import io.foresplit.forecaster.Season;
import io.foresplit.forecaster.SeasonalForecaster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.SortedMap;
import org.tribuo.Model;
import org.tribuo.impl.ArrayExample;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.slm.SparseLinearModel;

/**
 * Forecasts by a linear regression of Tribuo on features of the window: how far the series will lie
 * from what its season foretells, 1, 2, 4, … 32 steps ahead; between these straight, beyond them as
 * at the last. The doubt is that of its training, in units of the window. Immutable and
 * thread-safe.
 */
public final class WindowRegression implements SeasonalForecaster {
  static final String NAME = "window-regression";

  /** Name of the sizes of errors in the provenance, one a lead. */
  static final String ERRORS = "errors";

  private static final String BUNDLED = "/io/foresplit/forecaster/model/regression.tribuo";
  private static final String REMEDY = "./foresplit train regression writes one";

  private final Model<Regressor> model;
  private final double[] errors;
  private final byte[] bytes;
  private final String version;

  private WindowRegression(Model<Regressor> model, double[] errors, byte[] bytes) {
    this.model = model;
    this.errors = errors;
    this.bytes = bytes;
    this.version = NAME + "/" + Fingerprint.of(bytes);
  }

  /** The model that is built in. */
  public static WindowRegression bundled() {
    try (InputStream in = WindowRegression.class.getResourceAsStream(BUNDLED)) {
      return of(Objects.requireNonNull(in).readAllBytes(), "the bundled model " + BUNDLED);
    } catch (IOException e) {
      throw new IllegalStateException("the built-in model cannot be read: " + e.getMessage(), e);
    }
  }

  static WindowRegression of(byte[] bytes, String where) throws ModelFileException {
    try {
      ModelProto proto = ModelProto.parseFrom(bytes);
      Model<Regressor> model =
          SparseLinearModel.deserializeFromProto(
              proto.getVersion(), proto.getClassName(), proto.getSerializedData());
      String stated = String.valueOf(TribuoFile.origin(model).get(ERRORS));
      double[] errors = Arrays.stream(stated.split(" ")).mapToDouble(Double::parseDouble).toArray();
      if (errors.length != WindowFeatures.LEADS.length) {
        throw new ModelFileException(
            where,
            "expected errors of " + WindowFeatures.LEADS.length + " leads, was " + errors.length,
            REMEDY);
      }
      return new WindowRegression(model, errors, bytes);
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      throw new ModelFileException(
          where, "is no such model: " + ModelFileException.reason(e), REMEDY, e);
    }
  }

  /** A model from a file. */
  public static WindowRegression load(Path file) throws ModelFileException {
    return of(TribuoFile.read(file, REMEDY), file.toString());
  }

  @Override
  public String name() {
    return version;
  }

  @Override
  public Quantiles forecast(double[] window, Season season, int horizon) {
    WindowFeatures features = WindowFeatures.of(window, season);
    double[] apart = regressed(model, features);
    double[] median = new double[horizon];
    double[] sigma = new double[horizon];
    for (int step = 0; step < horizon; step++) {
      median[step] = features.usual(step) + features.unit() * at(apart, step + 1);
      sigma[step] = features.unit() * at(errors, step + 1);
    }
    return Quantiles.normal(median, sigma);
  }

  /** What the model says of each lead, in units of the window. */
  static double[] regressed(Model<Regressor> model, WindowFeatures features) {
    ArrayExample<Regressor> example = new ArrayExample<>(Leads.UNKNOWN);
    features.values().forEach(example::add);
    return Leads.values(model.predict(example).getOutput());
  }

  /** A value between those of the leads. */
  private static double at(double[] ofLeads, int ahead) {
    int[] leads = WindowFeatures.LEADS;
    for (int i = 1; i < leads.length; i++) {
      if (ahead <= leads[i]) {
        double share = (ahead - leads[i - 1]) / (double) (leads[i] - leads[i - 1]);
        return ofLeads[i - 1] + share * (ofLeads[i] - ofLeads[i - 1]);
      }
    }
    return ofLeads[leads.length - 1];
  }

  /** What it was trained on, by name. */
  public SortedMap<String, String> origin() {
    return TribuoFile.origin(model);
  }

  /** The file. */
  public byte[] bytes() {
    return bytes.clone();
  }
}
