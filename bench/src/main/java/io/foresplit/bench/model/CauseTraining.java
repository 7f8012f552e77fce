package io.foresplit.bench.model;

import io.foresplit.bench.diagnosis.KnownCause;
import io.foresplit.contract.Cause;
import io.foresplit.diagnoser.LearningFeatures;
import io.foresplit.diagnoser.LearningModel;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.sgd.linear.LinearSGDModel;
import org.tribuo.classification.sgd.linear.LinearSGDTrainer;
import org.tribuo.classification.sgd.objectives.LogMulticlass;
import org.tribuo.datasource.ListDataSource;
import org.tribuo.impl.ArrayExample;
import org.tribuo.math.la.DenseMatrix;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/**
 * Trains the classifier of causes of learning by a multinomial logistic regression of Tribuo, every
 * cause, and that there is none, of the same weight. Stateless.
 */
public final class CauseTraining {
  private static final String NONE = "none";
  private static final int EPOCHS = 200;
  private static final double RATE = 0.2;
  private static final int BATCH = 16;
  private static final long SEED = 20_062;

  private CauseTraining() {}

  /**
   * What training gave.
   *
   * @param heldOut true cause or {@code none}, then the likeliest by a model of the other seeds,
   *     and how often
   */
  public record Trained(
      LearningModel model, SortedMap<String, SortedMap<String, Integer>> heldOut) {}

  /** Trains on diagnoses of two seeds at least. */
  public static Trained train(List<KnownCause> known, SortedMap<String, String> origin) {
    SortedSet<Long> seeds = new TreeSet<>();
    known.forEach(one -> seeds.add(one.seed()));
    if (seeds.size() < 2) {
      throw new IllegalArgumentException(
          "causes must be trained on two seeds at least, to judge on the other; was " + seeds);
    }
    SortedMap<String, SortedMap<String, Integer>> heldOut = new TreeMap<>();
    for (long seed : seeds) {
      LearningModel model =
          model(known.stream().filter(one -> one.seed() != seed).toList(), new TreeMap<>());
      known.stream()
          .filter(one -> one.seed() == seed)
          .forEach(
              one ->
                  heldOut
                      .computeIfAbsent(label(one), c -> new TreeMap<>())
                      .merge(likeliest(model, one.features()), 1, Integer::sum));
    }
    return new Trained(model(known, origin), heldOut);
  }

  private static String label(KnownCause known) {
    return known.cause().map(Cause::label).orElse(NONE);
  }

  private static String likeliest(LearningModel model, LearningFeatures features) {
    Map<Cause, Double> beliefs = model.classify(features);
    double none = 1 - beliefs.values().stream().mapToDouble(Double::doubleValue).sum();
    return beliefs.entrySet().stream()
        .filter(belief -> belief.getValue() > none)
        .max(Map.Entry.comparingByValue())
        .map(belief -> belief.getKey().label())
        .orElse(NONE);
  }

  private static LearningModel model(List<KnownCause> known, SortedMap<String, String> origin) {
    SortedMap<String, Double> weights = new TreeMap<>();
    known.forEach(one -> weights.merge(label(one), one.weight(), Double::sum));
    LabelFactory labels = new LabelFactory();
    MutableDataset<Label> dataset =
        new MutableDataset<>(
            new ListDataSource<>(
                List.of(),
                labels,
                new SimpleDataSourceProvenance("diagnoses of simulated jobs", labels)));
    for (KnownCause one : known) {
      double all = Objects.requireNonNull(weights.get(label(one))) * weights.size();
      ArrayExample<Label> example =
          new ArrayExample<>(new Label(label(one)), (float) (known.size() * one.weight() / all));
      one.features().values().forEach(example::add);
      dataset.add(example);
    }
    LinearSGDModel model =
        new LinearSGDTrainer(new LogMulticlass(), new AdaGrad(RATE), EPOCHS, -1, BATCH, SEED)
            .train(dataset);
    double[] none =
        weights.containsKey(NONE)
            ? weights(model, NONE)
            : new double[LearningFeatures.NAMES.size() + 1];
    Map<Cause, double[]> ofCause = new EnumMap<>(Cause.class);
    for (Cause cause : Cause.values()) {
      if (weights.containsKey(cause.label())) {
        double[] of = weights(model, cause.label());
        for (int i = 0; i < of.length; i++) {
          of[i] = Math.round((of[i] - none[i]) * 1e4) / 1e4;
        }
        ofCause.put(cause, of);
      }
    }
    return new LearningModel(ofCause, origin);
  }

  /** In the order of the features, the bias last. */
  private static double[] weights(LinearSGDModel model, String label) {
    DenseMatrix weights = model.getWeightsCopy();
    ImmutableFeatureMap features = model.getFeatureIDMap();
    int row = model.getOutputIDInfo().getID(new Label(label));
    double[] of = new double[LearningFeatures.NAMES.size() + 1];
    for (int i = 0; i < LearningFeatures.NAMES.size(); i++) {
      int column = features.getID(LearningFeatures.NAMES.get(i));
      of[i] = column < 0 ? 0 : weights.get(row, column);
    }
    of[of.length - 1] = weights.get(row, weights.getDimension2Size() - 1);
    return of;
  }
}
