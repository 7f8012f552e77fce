package io.foresplit.diagnoser;

import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Metric;
import io.foresplit.contract.SeriesKey;
import java.util.Locale;

/** Series, values and causes in plain words with units. */
public final class Words {
  private Words() {}

  public static String of(SeriesKey series) {
    return of(series.metric()) + " of " + of(series.component());
  }

  public static String of(ComponentId component) {
    return component.equals(ComponentId.JOB) ? "the job" : component.value();
  }

  public static String of(Metric metric) {
    return switch (metric) {
      case FORWARD_SECONDS -> "forward compute time";
      case BACKWARD_SECONDS -> "backward compute time";
      case QUEUE_WAIT_SECONDS -> "time waiting for input";
      case SLOWDOWN -> "slowdown against the declared speed";
      case TRANSFER_SECONDS -> "transfer time";
      case TRANSFER_BYTES -> "bytes sent in an interval";
      case LINK_RATE -> "rate";
      case LINK_DELAY_SECONDS -> "one-way delay";
      case CPU_SHARE -> "processor use";
      case HEAP_BYTES -> "heap in use";
      case NATIVE_BYTES -> "native memory";
      case LOSS -> "loss";
      case GRADIENT_NORM -> "gradient norm";
      case ACTIVATION_MEAN -> "activation mean";
      case ACTIVATION_VARIANCE -> "activation variance";
      case INPUT_MEAN -> "input mean";
      case INPUT_VARIANCE -> "input variance";
      case STEP_SECONDS -> "step time";
      case STEPS_PER_SECOND -> "step rate";
    };
  }

  /** What a cause does to its component, as a clause. */
  public static String clause(Cause cause, ComponentId component) {
    return switch (cause) {
      case UPLINK_FADE -> "the uplink " + component + " loses rate";
      case DOWNLINK_FADE -> "the downlink " + component + " loses rate";
      case LATENCY_RISE -> "the delay on " + component + " rises";
      case NODE_SLOWDOWN -> "node " + component + " computes more slowly than declared";
      case LABEL_DRIFT -> "the labels of the data on " + component + " drift";
      case FEATURE_DRIFT -> "the inputs of the data on " + component + " drift";
      case EXPLODING_GRADIENTS -> "the optimisation diverges";
      case NODE_LOSS -> "node " + component + " is silent";
      case STALE_WEIGHTS -> "layers on node " + component + " are as of earlier steps";
      case CORRUPTED_ACTIVATIONS -> "node " + component + " puts out damaged activations";
    };
  }

  public static String value(Metric metric, double value) {
    return switch (metric) {
      case LINK_RATE -> bytes(value) + "/s";
      case TRANSFER_BYTES, HEAP_BYTES, NATIVE_BYTES -> bytes(value);
      case FORWARD_SECONDS,
          BACKWARD_SECONDS,
          QUEUE_WAIT_SECONDS,
          TRANSFER_SECONDS,
          LINK_DELAY_SECONDS,
          STEP_SECONDS ->
          seconds(value);
      case SLOWDOWN -> number(value) + "x";
      case STEPS_PER_SECOND -> number(value) + "/s";
      case CPU_SHARE -> number(value) + " cores";
      case LOSS, GRADIENT_NORM, ACTIVATION_MEAN, ACTIVATION_VARIANCE, INPUT_MEAN, INPUT_VARIANCE ->
          number(value);
    };
  }

  public static String seconds(double seconds) {
    return seconds < 1 ? number(seconds * 1e3) + " ms" : number(seconds) + " s";
  }

  public static String percent(double share) {
    return String.format(Locale.ROOT, "%.0f %%", 100 * share);
  }

  private static String bytes(double bytes) {
    if (bytes >= 1e6) {
      return number(bytes / 1e6) + " MB";
    }
    return bytes >= 1e3 ? number(bytes / 1e3) + " kB" : number(bytes) + " B";
  }

  /** Two or three digits that mean something. */
  public static String number(double value) {
    double size = Math.abs(value);
    if (size >= 1e5 || (size > 0 && size < 1e-3)) {
      return String.format(Locale.ROOT, "%.1e", value);
    }
    String format = size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, size > 0 && size < 0.1 ? "%.4f" : format, value);
  }
}
