package io.foresplit.diagnoser;

import io.foresplit.contract.Incident;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.SeriesKey;
import io.foresplit.diagnoser.Change.Direction;
import java.util.Arrays;
import java.util.Optional;

/**
 * Compares the present level of a series with its healthy window, by medians and median absolute
 * deviations. The healthy window ends a guard before the incident's onset. The onset may be wrong,
 * so windows before and after it are tried too, and one that is clearly healthier is taken: too
 * late an onset puts the fault into the window, too early a one the loss before it was learnt down.
 * Series that depend on the cut are compared within the epoch of the incident only. Reads history
 * up to the incident's interval, no later. Thread-safe as its ring.
 */
final class ChangeDetector {
  /** Shifts of the healthy window, in thirds of its length, back in time; 0 is preferred. */
  private static final int[] SHIFTS = {0, 1, 2, 3, 4, 5, 6, -1, -2, -3};

  private static final double[] NOTHING = {};
  private static final int SHIFTS_BACK = 6;
  private static final int SHIFTS_AHEAD = 3;

  /** By so many units of noise a shifted window must be healthier to be preferred. */
  private static final double CLEARLY_HEALTHIER = 2;

  /** Where the present level is looked for when the newest values are gaps, in levels' length. */
  private static final int CURRENT_REACH = 4;

  /** The same for the condition of a link, in lengths of the healthy window. */
  private static final int IDLE_REACH = 2;

  private static final double TINY = 1e-9;

  private final MetricRing ring;
  private final DiagnoserConfig config;

  ChangeDetector(MetricRing ring, DiagnoserConfig config) {
    this.ring = ring;
    this.config = config;
  }

  /** The change of a series at an incident; empty when past or present are not known. */
  Optional<Change> change(JobSpec job, Incident incident, SeriesKey series) {
    Reader reader = new Reader(incident, series, epochFence(incident, series.metric()));
    double[] newest = reader.newest();
    if (newest.length == 0) {
      return Optional.empty();
    }
    return reference(reader)
        .or(() -> declared(job, series))
        .map(
            r -> {
              double current = current(r, newest);
              return new Change(series, r.level(), fromModel(series, current), r.score(current));
            });
  }

  /**
   * The present level: the median of the newest values, or, of a change that is younger than that,
   * the milder of the newest two, when both are farther from the healthy level, to the same side.
   * So nothing but noise needs two values that are noisy alike, and an alarm two intervals after a
   * fault finds it, whatever the onset is thought to be.
   */
  private static double current(Reference reference, double[] newest) {
    double median = Robust.median(newest);
    if (newest.length < 2) {
      return median;
    }
    double last = reference.score(newest[0]);
    double before = reference.score(newest[1]);
    double milder = Math.abs(last) < Math.abs(before) ? newest[0] : newest[1];
    boolean farther =
        last * before > 0 && Math.abs(reference.score(milder)) > Math.abs(reference.score(median));
    return farther ? milder : median;
  }

  /** Healthy level and noise; both on the model scale. */
  private record Reference(SeriesKey series, double center, double noise) {
    double score(double value) {
      return (value - center) / noise;
    }

    double level() {
      return fromModel(series, center);
    }

    /** How much healthier another level is, in units of this one's noise. */
    double healthier(double otherCenter) {
      return switch (Direction.of(series.metric())) {
        case LOW_IS_BAD -> score(otherCenter);
        case HIGH_IS_BAD -> -score(otherCenter);
        case EITHER -> 0;
      };
    }
  }

  private static Optional<Reference> reference(Reader reader) {
    Reference best = null;
    for (int shift : SHIFTS) {
      double[] window = reader.window(shift);
      double center = Robust.median(window, value -> toModel(reader.series, value));
      if (!Double.isNaN(center) && (best == null || best.healthier(center) > CLEARLY_HEALTHIER)) {
        best = reader.reference(window, center);
      }
      if (best != null && Direction.of(reader.series.metric()) == Direction.EITHER) {
        break; // no level is healthier than another
      }
    }
    return Optional.ofNullable(best);
  }

  /** What the job file says, when nothing was measured while healthy. */
  private static Optional<Reference> declared(JobSpec job, SeriesKey series) {
    Optional<LinkSpec> link =
        job.links().stream().filter(l -> l.id().equals(series.component())).findFirst();
    double value =
        switch (series.metric()) {
          case LINK_RATE -> link.map(LinkSpec::bytesPerSecond).orElse(Double.NaN);
          case LINK_DELAY_SECONDS -> link.map(LinkSpec::delaySeconds).orElse(Double.NaN);
          case SLOWDOWN -> 1;
          default -> Double.NaN;
        };
    return Double.isNaN(value)
        ? Optional.empty()
        : Optional.of(
            new Reference(
                series, toModel(series, value), 2 * leastNoise(series, toModel(series, value))));
  }

  /** First interval that may be compared; the interval of a move holds steps of both cuts. */
  private long epochFence(Incident incident, Metric metric) {
    if (!dependsOnCut(metric)) {
      return 0;
    }
    return ring.epochStart(incident.job(), incident.interval()) + 1;
  }

  static boolean dependsOnCut(Metric metric) {
    return switch (metric) {
      case LINK_RATE,
          LINK_DELAY_SECONDS,
          SLOWDOWN,
          LOSS,
          INPUT_MEAN,
          INPUT_VARIANCE,
          CPU_SHARE,
          HEAP_BYTES,
          NATIVE_BYTES ->
          false;
      case FORWARD_SECONDS,
          BACKWARD_SECONDS,
          QUEUE_WAIT_SECONDS,
          TRANSFER_SECONDS,
          TRANSFER_BYTES,
          GRADIENT_NORM,
          ACTIVATION_MEAN,
          ACTIVATION_VARIANCE,
          STEP_SECONDS,
          STEPS_PER_SECOND ->
          true;
    };
  }

  private static double toModel(SeriesKey series, double value) {
    return series.metric().isScale() ? Math.log(Math.max(value, TINY)) : value;
  }

  private static double fromModel(SeriesKey series, double value) {
    return series.metric().isScale() ? Math.exp(value) : value;
  }

  /**
   * The least noise believed, on the model scale: a few percent, more where values are coarse by
   * nature. A delay is measured to half a millisecond at best.
   */
  private static double leastNoise(SeriesKey series, double center) {
    return switch (series.metric()) {
      case LINK_DELAY_SECONDS -> Math.max(0.1, 0.0005 / Math.exp(center));
      case GRADIENT_NORM, ACTIVATION_VARIANCE, INPUT_VARIANCE -> 0.1;
      case ACTIVATION_MEAN, INPUT_MEAN -> 0.1 * Math.abs(center) + 0.01;
      case LOSS -> 0.06;
      default -> 0.045;
    };
  }

  /** One series at one incident, as measured. */
  private final class Reader {
    private final Incident incident;
    private final SeriesKey series;
    private final long fence;
    private final long firstPast;
    private final double[] past;

    private Reader(Incident incident, SeriesKey series, long fence) {
      this.incident = incident;
      this.series = series;
      this.fence = fence;
      firstPast = end(SHIFTS_BACK) - config.healthyIntervals() + 1;
      long last = Math.min(end(-SHIFTS_AHEAD), latestEnd());
      past = measured(last, (int) Math.max(0, last - firstPast + 1));
    }

    /** An idle link says nothing of itself: what it said last stands for a while. */
    private int reach() {
      return series.component().isLink() && !dependsOnCut(series.metric())
          ? IDLE_REACH * config.healthyIntervals()
          : CURRENT_REACH * config.currentIntervals();
    }

    /** The newest values on the model scale, the last one first. */
    private double[] newest() {
      double[] values = measured(incident.interval(), reach());
      double[] newest = new double[config.currentIntervals()];
      int found = 0;
      for (int i = values.length - 1; i >= 0 && found < newest.length; i--) {
        if (!Double.isNaN(values[i])) {
          newest[found++] = toModel(series, values[i]);
        }
      }
      return Arrays.copyOf(newest, found);
    }

    /** The healthy window so many thirds of its length earlier; empty when it says too little. */
    private double[] window(int thirdsBack) {
      long end = end(thirdsBack);
      if (end > latestEnd()) {
        return NOTHING;
      }
      int to = (int) (end - firstPast + 1);
      double[] values = Arrays.copyOfRange(past, Math.max(0, to - healthyLength()), to);
      return Robust.count(values) < config.leastValues() ? NOTHING : values;
    }

    /**
     * @param center of the window, on the model scale
     */
    private Reference reference(double[] window, double center) {
      double[] model = Arrays.stream(window).map(value -> toModel(series, value)).toArray();
      double noise = Math.max(Robust.noise(model), leastNoise(series, center));
      return new Reference(series, center, noise);
    }

    private long end(int thirdsBack) {
      long shift = (long) thirdsBack * config.healthyIntervals() / 3;
      return incident.onsetInterval() - config.guardIntervals() - 1 - shift;
    }

    /** The last interval that is not among the newest. */
    private long latestEnd() {
      return incident.interval() - config.guardIntervals() - config.currentIntervals();
    }

    /**
     * A loss falls while it is learnt down, so only its newest healthy values say what is normal.
     */
    private int healthyLength() {
      int whole = config.healthyIntervals();
      return series.metric() == Metric.LOSS ? Math.max(config.leastValues(), whole / 3) : whole;
    }

    /** Values before the fence are gaps. */
    private double[] measured(long last, int length) {
      double[] values = ring.window(incident.job(), series, last, length).values();
      long first = last - length + 1;
      int gaps = (int) Math.max(0, Math.min(length, fence - first));
      Arrays.fill(values, 0, gaps, Double.NaN);
      return values;
    }
  }
}
