package io.foresplit.bench.kind;

import io.foresplit.contract.DegradationKind;
import io.foresplit.contract.Incident;
import io.foresplit.forecaster.KindFeatures;
import io.foresplit.forecaster.model.KindModel;
import io.foresplit.forecaster.model.KindTrainer;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Trains the classifier of kinds on incidents whose kind is known, and judges kinds on the records
 * that open an incident. Nothing is learnt of several kinds at once, nor of none. Stateless.
 */
public final class KindTraining {
  private KindTraining() {}

  /**
   * What training gave.
   *
   * @param model of all incidents
   * @param examples it was trained on
   * @param heldOut openings, those of each seed judged by a model of the other seeds
   */
  public record Trained(KindModel model, int examples, KindConfusion heldOut) {}

  /**
   * Trains on incidents of at least two seeds.
   *
   * @param origin what they are, by name, for provenance
   */
  public static Trained train(List<KnownIncident> incidents, SortedMap<String, String> origin) {
    SortedSet<Long> seeds = new TreeSet<>();
    incidents.forEach(incident -> seeds.add(incident.seed()));
    if (seeds.size() < 2) {
      throw new IllegalArgumentException(
          "kinds must be trained on two seeds at least, to judge on the other; was " + seeds);
    }
    KindConfusion heldOut = new KindConfusion();
    for (long seed : seeds) {
      KindModel model =
          KindTrainer.train(examples(incidents, known -> known.seed() != seed), new TreeMap<>());
      heldOut.addAll(
          judged(
              incidents.stream().filter(known -> known.seed() == seed).toList(),
              known -> said(known, model)));
    }
    List<KindTrainer.Example> all = examples(incidents, known -> true);
    return new Trained(KindTrainer.train(all, origin), all.size(), heldOut);
  }

  /**
   * What is named when incidents open.
   *
   * @param naming of an incident
   */
  public static KindConfusion judged(
      List<KnownIncident> incidents, Function<KnownIncident, DegradationKind> naming) {
    KindConfusion confusion = new KindConfusion();
    for (KnownIncident known : incidents) {
      if (known.phase() == Incident.Phase.OPEN && known.truth().size() <= 1) {
        confusion.add(known.kind(), naming.apply(known));
      }
    }
    return confusion;
  }

  private static DegradationKind said(KnownIncident known, KindModel model) {
    KindFeatures features = known.features();
    return features == null ? known.said().kind() : model.classify(features).kind();
  }

  private static List<KindTrainer.Example> examples(
      List<KnownIncident> incidents, Predicate<KnownIncident> which) {
    List<KindTrainer.Example> examples = new ArrayList<>();
    for (KnownIncident known : incidents) {
      KindFeatures features = known.features();
      if (features != null && known.kind() != DegradationKind.UNKNOWN && which.test(known)) {
        examples.add(new KindTrainer.Example(known.kind(), features));
      }
    }
    return examples;
  }
}
