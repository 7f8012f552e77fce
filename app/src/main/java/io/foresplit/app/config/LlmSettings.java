package io.foresplit.app.config;

import io.foresplit.diagnoser.llm.LlmLimits;
import io.foresplit.diagnoser.llm.local.LocalModelConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads what is set of the language model. */
final class LlmSettings {
  private static final Duration MOST_TIMEOUT = Duration.ofMinutes(2);
  private static final int MOST_TOKENS = 9_999_999;

  private LlmSettings() {}

  static LlmConfig read(Settings settings, Map<String, String> environment) {
    LlmConfig.Provider provider =
        settings.oneOf("llm.provider", LlmConfig.Provider.class, LlmConfig.Provider.NONE);
    String baseUrl =
        settings.read(
            "llm.baseUrl",
            "an http or https URL without credentials in it",
            "",
            Settings::parseHttpUrl);
    String model = settings.text("llm.model", "");
    Optional<LocalModelConfig> local = localModel(settings, environment, provider, model);
    if (provider != LlmConfig.Provider.NONE && provider != LlmConfig.Provider.LOCAL) {
      for (String key : List.of("llm.baseUrl", "llm.model")) {
        if (settings.text(key, "").isEmpty()) {
          settings.problem(key, "a value, because llm.provider is set", "nothing");
        }
      }
    }
    Optional<String> apiKey = settings.given("llm.apiKey").map(Settings.Given::text);
    Optional<String> apiKeyEnv = settings.given("llm.apiKeyEnv").map(Settings.Given::text);
    if (apiKey.isPresent() && apiKeyEnv.isPresent()) {
      settings.problem("llm.apiKey", "either llm.apiKey or llm.apiKeyEnv", "both");
    }
    if (apiKeyEnv.isPresent() && !environment.containsKey(apiKeyEnv.get())) {
      settings.problem(
          "llm.apiKeyEnv",
          "the name of an environment variable that is set",
          "'" + apiKeyEnv.get() + "', which is not");
    }
    return new LlmConfig(
        provider,
        baseUrl,
        model,
        apiKey.or(() -> apiKeyEnv.map(environment::get)).map(Secret::new),
        timeout(settings),
        local,
        limits(settings),
        settings.yesOrNo("llm.mask", leaves(provider, baseUrl)));
  }

  private static Duration timeout(Settings settings) {
    return settings.read(
        "llm.timeout",
        "a duration of at most 2 minutes, such as 30s",
        Duration.ofSeconds(30),
        text ->
            Settings.parseDuration(text)
                .filter(d -> d.toMillis() > 0 && d.compareTo(MOST_TIMEOUT) <= 0));
  }

  private static LlmLimits limits(Settings settings) {
    LlmLimits otherwise = LlmLimits.defaults();
    int incident =
        settings.number("llm.tokensPerIncident", 100, MOST_TOKENS, otherwise.tokensPerIncident());
    int day = settings.number("llm.tokensPerDay", 100, MOST_TOKENS, otherwise.tokensPerDay());
    if (day < incident) {
      settings.problem("llm.tokensPerDay", "at least llm.tokensPerIncident, " + incident, "" + day);
      day = incident;
    }
    return new LlmLimits(
        incident,
        day,
        upTo24Hours(settings, "llm.timePerIncident", otherwise.timePerIncident()),
        settings.number("llm.retries", 0, 5, otherwise.retries()),
        otherwise.retryWait(),
        settings.number("llm.breakerFailures", 1, 100, otherwise.breakerFailures()),
        upTo24Hours(settings, "llm.breakerPause", otherwise.breakerPause()));
  }

  private static Duration upTo24Hours(Settings settings, String key, Duration otherwise) {
    return settings.read(
        key,
        "a duration of at most 24 hours, such as 30s or 2m",
        otherwise,
        text ->
            Settings.parseDuration(text)
                .filter(d -> d.toMillis() > 0 && d.compareTo(Duration.ofHours(24)) <= 0));
  }

  /** Whether what is asked leaves this machine. */
  private static boolean leaves(LlmConfig.Provider provider, String baseUrl) {
    return switch (provider) {
      case NONE, LOCAL -> false;
      case OPENAI_COMPATIBLE, OLLAMA ->
          !baseUrl.matches("https?://(?:localhost|127(?:\\.\\d{1,3}){3}|\\[::1\\])(?:[:/].*)?");
    };
  }

  /** What runs in a child process; empty with any other provider, or when the file is not there. */
  private static Optional<LocalModelConfig> localModel(
      Settings settings,
      Map<String, String> environment,
      LlmConfig.Provider provider,
      String model) {
    Optional<Path> adapter = AppConfig.file(settings, "llm.loraAdapter");
    int threads = settings.number("llm.threads", 1, 64, 1);
    int context =
        settings.number("llm.contextTokens", 256, 131_072, LocalModelConfig.DEFAULT_CONTEXT_TOKENS);
    if (provider != LlmConfig.Provider.LOCAL) {
      for (String key : List.of("llm.loraAdapter", "llm.threads", "llm.contextTokens")) {
        if (settings.given(key).isPresent()) {
          settings.problem(key, "llm.provider local beside it", "another provider");
        }
      }
      return Optional.empty();
    }
    if (settings.given("llm.baseUrl").isPresent()) {
      settings.problem("llm.baseUrl", "no such key with llm.provider local", "a URL");
    }
    if (adapter.isPresent() && !ModelsFolder.isGguf(adapter.get())) {
      settings.problem("llm.loraAdapter", "the path of a GGUF file", "'" + adapter.get() + "'");
    }
    ModelsFolder folder = ModelsFolder.of(environment);
    Optional<Path> file = folder.find(model);
    if (file.isEmpty()) {
      settings.problem(
          "llm.model",
          "a GGUF file or the name of a model in "
              + folder.path()
              + " (get one with "
              + ModelsFolder.ADVICE
              + ")",
          model.isEmpty() ? "nothing" : "'" + model + "'");
    }
    return file.map(path -> new LocalModelConfig(path, adapter, threads, context));
  }
}
