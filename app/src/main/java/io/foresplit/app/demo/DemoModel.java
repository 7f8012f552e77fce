package io.foresplit.app.demo;

import io.foresplit.app.config.AppConfig;
import io.foresplit.app.config.ConfigException;
import io.foresplit.app.config.LlmConfig;
import io.foresplit.app.config.ModelsFolder;
import io.foresplit.app.config.StartupException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;

/**
 * The language model that explains in a demo: one that is there, for a demo calls nobody.
 *
 * @param told for people: which one, or how to get one
 */
record DemoModel(LlmConfig config, String told) {
  private static final String NONE = "none";

  /** Training on the same cores leaves a small model little time. */
  private static final String TIMEOUT = "60s";

  /**
   * @param wanted name or file, or {@code none}; the first model of the folder when empty
   * @throws StartupException when the wanted one is not there
   */
  static DemoModel find(Optional<String> wanted, ModelsFolder folder) {
    Optional<String> name = wanted.or(() -> first(folder)).filter(n -> !n.equals(NONE));
    if (name.isEmpty()) {
      String told = "none, statistics alone";
      return new DemoModel(
          AppConfig.defaults().llm(),
          wanted.isPresent()
              ? told
              : told + " (for one that explains: " + ModelsFolder.ADVICE + ")");
    }
    if (folder.find(name.get()).isEmpty()) {
      throw new StartupException(
          "--model "
              + name.get()
              + ": expected a GGUF file, the name of a model in "
              + folder.path()
              + " or none; get one with "
              + ModelsFolder.ADVICE
              + ", or leave the option out");
    }
    try {
      LlmConfig config =
          AppConfig.fromEnvironment(
                  Map.of(
                      "FORESPLIT_LLM_PROVIDER",
                      "local",
                      "FORESPLIT_LLM_MODEL",
                      name.get(),
                      "FORESPLIT_LLM_TIMEOUT",
                      TIMEOUT,
                      "FORESPLIT_MODELS",
                      folder.path().toString()))
              .llm();
      return new DemoModel(
          config, name.get() + ", on this machine: it explains, statistics decide");
    } catch (ConfigException e) {
      throw new StartupException("--model " + name.get() + ": " + e.getMessage(), e);
    }
  }

  private static Optional<String> first(ModelsFolder folder) {
    try {
      return folder.names().stream().findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException("the folder " + folder.path() + " cannot be read", e);
    }
  }
}
