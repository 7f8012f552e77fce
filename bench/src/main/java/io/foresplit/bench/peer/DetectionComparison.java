package io.foresplit.bench.peer;

import io.foresplit.bench.data.NabCorpus;
import io.foresplit.bench.data.NabProfile;
import io.foresplit.bench.data.NabScoring;
import io.foresplit.bench.data.NabScoring.NabScore;
import io.foresplit.bench.data.NabSeries;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** Detectors on the series of NAB, by NAB's score. */
public final class DetectionComparison {
  private final NabCorpus corpus;
  private final LongSupplier nanoTime;

  public DetectionComparison(NabCorpus corpus, LongSupplier nanoTime) {
    this.corpus = corpus;
    this.nanoTime = nanoTime;
  }

  /**
   * What a detector reached.
   *
   * @param scores by label of the profile
   * @param microsPerValue wall time of scoring one value
   */
  public record Outcome(String detector, Map<String, NabScore> scores, double microsPerValue) {
    public Outcome {
      scores = Map.copyOf(scores);
    }

    /** Of a profile that the corpus has. */
    public NabScore score(String profile) {
      NabScore score = scores.get(profile);
      if (score == null) {
        throw new IllegalArgumentException(
            "profile must be one of " + scores.keySet() + ", was " + profile);
      }
      return score;
    }
  }

  /** One detector on all series. */
  public Outcome of(AnomalyDetector detector) {
    long start = nanoTime.getAsLong();
    long values = 0;
    List<double[]> scores = new ArrayList<>();
    for (NabSeries series : corpus.series()) {
      scores.add(detector.scores(series.values()));
      values += series.values().length;
    }
    double micros = (nanoTime.getAsLong() - start) / 1e3 / Math.max(1, values);
    Map<String, NabScore> byProfile = new LinkedHashMap<>();
    for (NabProfile profile : corpus.profiles()) {
      byProfile.put(profile.label(), NabScoring.score(corpus.series(), scores, profile));
    }
    return new Outcome(detector.label(), byProfile, micros);
  }
}
