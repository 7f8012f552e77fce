package io.foresplit.forecaster.model;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.foresplit.forecaster.Robust;
import io.foresplit.forecaster.Season;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.impl.ArrayExample;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.slm.ElasticNetCDTrainer;
import org.tribuo.regression.slm.protos.SparseLinearModelProto;

/**
 * Trains a {@link WindowRegression}: an elastic net by coordinate descent (Tribuo), the same
 * windows in the same order give the same bytes. Stateless.
 */
public final class WindowRegressionTrainer {
  /** Values that must be known behind a window. */
  public static final int AHEAD = WindowFeatures.LEADS[WindowFeatures.LEADS.length - 1];

  private static final double ALPHA = 1e-3;
  private static final double L1_RATIO = 0.1;
  private static final double TOLERANCE = 1e-5;
  private static final int MOST_ITERATIONS = 500;
  private static final long SEED = 20_061;
  private static final double FURTHEST = 20;
  private static final int LEAST_EXAMPLES = 100;

  private WindowRegressionTrainer() {}

  /**
   * A window and what came then.
   *
   * @param window on the model scale, oldest first, NaN for what is missing
   * @param then the next {@link #AHEAD} values
   */
  @SuppressWarnings("ArrayRecordComponent") // many, and never compared
  public record Example(double[] window, double[] then) {}

  /**
   * The model of some windows.
   *
   * @param origin what they are, by name, for provenance
   */
  public static WindowRegression train(List<Example> examples, SortedMap<String, String> origin) {
    TribuoFile.quiet();
    RegressionFactory outputs = new RegressionFactory();
    MutableDataset<Regressor> dataset =
        new MutableDataset<>(TribuoFile.source("windows of simulated telemetry", outputs), outputs);
    List<WindowFeatures> used = new ArrayList<>();
    List<double[]> truths = new ArrayList<>();
    for (Example example : examples) {
      WindowFeatures features = WindowFeatures.of(example.window(), Season.of(example.window()));
      double[] truth = truth(features, example.then());
      if (Arrays.stream(truth).noneMatch(Double::isNaN)) {
        ArrayExample<Regressor> one = new ArrayExample<>(Leads.of(truth));
        features.values().forEach(one::add);
        dataset.add(one);
        used.add(features);
        truths.add(truth);
      }
    }
    if (used.size() < LEAST_EXAMPLES) {
      throw new IllegalArgumentException(
          "a regression needs " + LEAST_EXAMPLES + " windows at least, had " + used.size());
    }
    ElasticNetCDTrainer trainer =
        new ElasticNetCDTrainer(ALPHA, L1_RATIO, TOLERANCE, MOST_ITERATIONS, false, SEED);
    Model<Regressor> model = trainer.train(dataset);
    SortedMap<String, String> all = new TreeMap<>(origin);
    all.put("windows", Integer.toString(used.size()));
    all.put(WindowRegression.ERRORS, errors(model, used, truths));
    try {
      ModelProto proto = model.serialize();
      SparseLinearModelProto linear =
          proto.getSerializedData().unpack(SparseLinearModelProto.class).toBuilder()
              .setMetadata(TribuoFile.metadata(WindowRegression.NAME, model, dataset, trainer, all))
              .build();
      ModelProto dateless = proto.toBuilder().setSerializedData(Any.pack(linear)).build();
      return WindowRegression.of(dateless.toByteArray(), "the trained model");
    } catch (InvalidProtocolBufferException | ModelFileException e) {
      throw new IllegalStateException("a model just trained could not be read back", e);
    }
  }

  private static double[] truth(WindowFeatures features, double[] then) {
    double[] truth = new double[WindowFeatures.LEADS.length];
    for (int i = 0; i < truth.length; i++) {
      int step = WindowFeatures.LEADS[i] - 1;
      double apart = (then[step] - features.usual(step)) / features.unit();
      truth[i] = Double.isNaN(apart) ? apart : Math.max(-FURTHEST, Math.min(FURTHEST, apart));
    }
    return truth;
  }

  /** Robust standard deviations of the errors of each lead. */
  private static String errors(
      Model<Regressor> model, List<WindowFeatures> used, List<double[]> truths) {
    double[][] errors = new double[WindowFeatures.LEADS.length][used.size()];
    for (int i = 0; i < used.size(); i++) {
      double[] said = WindowRegression.regressed(model, used.get(i));
      for (int lead = 0; lead < errors.length; lead++) {
        errors[lead][i] = truths.get(i)[lead] - said[lead];
      }
    }
    StringJoiner sizes = new StringJoiner(" ");
    for (double[] ofLead : errors) {
      sizes.add(Double.toString(Robust.sigma(ofLead, 0)));
    }
    return sizes.toString();
  }
}
