package io.foresplit.forecaster.model;

import java.util.Arrays;
import org.tribuo.regression.Regressor;

/** Outputs of a {@link WindowRegression}: one dimension a lead, named so that they keep order. */
final class Leads {
  private static final String[] NAMES =
      Arrays.stream(WindowFeatures.LEADS)
          .mapToObj(lead -> "ahead." + (1000 + lead))
          .toArray(String[]::new);

  /** Of a window whose future is not known. */
  static final Regressor UNKNOWN = of(new double[WindowFeatures.LEADS.length]);

  private Leads() {}

  static Regressor of(double[] values) {
    return new Regressor(NAMES, values);
  }

  /** In the order of the leads. */
  static double[] values(Regressor regressor) {
    double[] values = new double[NAMES.length];
    for (int i = 0; i < NAMES.length; i++) {
      values[i] =
          regressor
              .getDimension(NAMES[i])
              .orElseThrow(() -> new IllegalStateException("the model lacks a lead"))
              .getValue();
    }
    return values;
  }
}
