package io.foresplit.app.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.foresplit.contract.OperatorCommand.Mode;
import io.foresplit.forecaster.model.Forecasters;
import io.foresplit.runtime.security.SecurityFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeMap;

/**
 * What an operator sets. Environment variables win over the file, the file over defaults. The
 * variable of {@code kafka.bootstrapServers} is {@code FORESPLIT_KAFKA_BOOTSTRAP_SERVERS}.
 *
 * @param dataDir holds all that must survive a restart
 */
public record AppConfig(
    Path dataDir,
    KafkaConfig kafka,
    HttpConfig http,
    ForecastingConfig forecasting,
    DiagnosisConfig diagnosis,
    LlmConfig llm,
    RecoveryConfig recovery) {
  private static final String PREFIX = "FORESPLIT_";

  /** Keys; also how environment variables are found. */
  private static final List<String> KEYS =
      List.of(
          "dataDir",
          "kafka.bootstrapServers",
          "kafka.port",
          "kafka.partitions",
          "http.host",
          "http.port",
          "http.allowedHosts",
          "forecaster.model",
          "diagnoser.runbooks",
          "llm.provider",
          "llm.baseUrl",
          "llm.model",
          "llm.apiKey",
          "llm.apiKeyEnv",
          "llm.timeout",
          "llm.loraAdapter",
          "llm.threads",
          "llm.contextTokens",
          "llm.tokensPerIncident",
          "llm.tokensPerDay",
          "llm.timePerIncident",
          "llm.retries",
          "llm.breakerFailures",
          "llm.breakerPause",
          "llm.mask",
          "recovery.mode",
          "recovery.coordinator",
          "recovery.tlsCa",
          "recovery.tlsCert",
          "recovery.tlsKey",
          "recovery.tokenFile",
          "recovery.tokenEnv");

  /**
   * All defaults: embedded Kafka, loopback console, the forecasting model that is built in, no
   * language model, automatic recovery.
   */
  public static AppConfig defaults() {
    try {
      return of(Map.of(), Map.of());
    } catch (ConfigException e) {
      throw new AssertionError(e);
    }
  }

  /** Reads a YAML file and the environment. */
  public static AppConfig load(Path file, Map<String, String> environment) throws ConfigException {
    String yaml;
    try {
      yaml = Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new StartupException(
          "the configuration file " + file + " does not exist; give the path of one with --config",
          e);
    } catch (IOException e) {
      throw new StartupException(
          "the configuration file " + file + " cannot be read: " + e.getMessage(), e);
    }
    return parse(yaml, file.toString(), environment);
  }

  /** Reads the environment alone. */
  public static AppConfig fromEnvironment(Map<String, String> environment) throws ConfigException {
    return of(Map.of(), environment);
  }

  static AppConfig parse(String yaml, String where, Map<String, String> environment)
      throws ConfigException {
    Map<String, Settings.Given> given = new TreeMap<>();
    try {
      ObjectMapper mapper =
          new ObjectMapper(
              YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());
      flatten("", mapper.readTree(yaml), where, given);
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      String problem = e.getOriginalMessage().lines().findFirst().orElse("not YAML");
      throw new ConfigException(
          List.of(
              new ConfigException.Problem(
                  "the file", where + " line " + line, "valid YAML", "an error: " + problem)));
    }
    return of(given, environment);
  }

  private static void flatten(
      String key, JsonNode node, String where, Map<String, Settings.Given> given) {
    if (node.isObject()) {
      node.properties()
          .forEach(
              e ->
                  flatten(
                      key.isEmpty() ? e.getKey() : key + "." + e.getKey(),
                      e.getValue(),
                      where,
                      given));
    } else if (node.isArray()) {
      StringJoiner text = new StringJoiner(",");
      node.forEach(e -> text.add(e.asText()));
      given.put(key, new Settings.Given(text.toString(), where));
    } else if (!node.isNull() && !node.isMissingNode()) {
      given.put(key.isEmpty() ? "the file" : key, new Settings.Given(node.asText(), where));
    }
  }

  private static AppConfig of(Map<String, Settings.Given> file, Map<String, String> environment)
      throws ConfigException {
    Map<String, Settings.Given> given = new TreeMap<>(file);
    Map<String, String> keyOfVariable = new TreeMap<>();
    KEYS.forEach(key -> keyOfVariable.put(variable(key), key));
    environment.forEach(
        (name, value) -> {
          if (keyOfVariable.containsKey(name)) {
            given.put(keyOfVariable.get(name), new Settings.Given(value, "environment " + name));
          } else if (name.matches("FORESPLIT_(KAFKA|HTTP|FORECASTER|DIAGNOSER|LLM|RECOVERY)_.*")) {
            given.put(name, new Settings.Given(value, "environment"));
          }
        });

    Settings settings = new Settings(given);
    AppConfig config =
        new AppConfig(
            settings.read(
                "dataDir", "the path of a folder", Path.of(".foresplit"), AppConfig::parsePath),
            new KafkaConfig(
                settings.read(
                    "kafka.bootstrapServers",
                    "host:port,… or nothing for the embedded broker",
                    "",
                    Settings::parseBootstrapServers),
                settings.port("kafka.port", 0),
                settings.count("kafka.partitions", 1)),
            new HttpConfig(
                settings.read(
                    "http.host",
                    "a host name or address to listen on",
                    "127.0.0.1",
                    text ->
                        text.matches("[A-Za-z0-9._:\\-]+") ? Optional.of(text) : Optional.empty()),
                settings.port("http.port", 8080),
                settings.list("http.allowedHosts")),
            new ForecastingConfig(
                settings
                    .given("forecaster.model")
                    .map(
                        text ->
                            settings.read(
                                "forecaster.model",
                                "the path of an ONNX file that can be read, or none",
                                "",
                                AppConfig::parseModel))),
            new DiagnosisConfig(
                settings.read(
                    "diagnoser.runbooks",
                    "paths of folders that can be read",
                    List.of(),
                    AppConfig::parseFolders)),
            LlmSettings.read(settings, environment),
            new RecoveryConfig(
                settings.oneOf("recovery.mode", Mode.class, Mode.AUTOMATIC),
                Optional.of(
                        settings.read(
                            "recovery.coordinator",
                            "host:port of the training coordinator",
                            "",
                            Settings::parseBootstrapServers))
                    .filter(address -> !address.isEmpty()),
                security(settings, environment)));
    settings.check();
    return config;
  }

  /** How the coordinator is reached; files are read when recovery starts. */
  private static SecurityFiles security(Settings settings, Map<String, String> environment) {
    Optional<Path> authority = file(settings, "recovery.tlsCa");
    Optional<Path> certificate = file(settings, "recovery.tlsCert");
    Optional<Path> key = file(settings, "recovery.tlsKey");
    if (certificate.isPresent() != key.isPresent()) {
      settings.problem(
          certificate.isPresent() ? "recovery.tlsCert" : "recovery.tlsKey",
          "recovery.tlsCert and recovery.tlsKey together",
          "one of them");
    }
    if (certificate.isPresent() && authority.isEmpty()) {
      settings.problem("recovery.tlsCa", "a file, because recovery.tlsCert is set", "nothing");
    }
    Optional<Path> tokenFile = file(settings, "recovery.tokenFile");
    Optional<String> tokenEnv = settings.given("recovery.tokenEnv").map(Settings.Given::text);
    if (tokenFile.isPresent() && tokenEnv.isPresent()) {
      settings.problem(
          "recovery.tokenFile", "either recovery.tokenFile or recovery.tokenEnv", "both");
    }
    if (tokenEnv.isPresent() && !environment.containsKey(tokenEnv.get())) {
      settings.problem(
          "recovery.tokenEnv",
          "the name of an environment variable that is set",
          "'" + tokenEnv.get() + "', which is not");
    }
    return new SecurityFiles(authority, certificate, key, true, tokenFile, tokenEnv);
  }

  static Optional<Path> file(Settings settings, String key) {
    return settings
        .given(key)
        .map(given -> settings.read(key, "the path of a file", Path.of(""), AppConfig::parsePath));
  }

  private static Optional<Path> parsePath(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /** Separated by commas. */
  private static Optional<List<Path>> parseFolders(String text) {
    List<Path> folders = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      Optional<Path> folder =
          parsePath(part.strip()).filter(Files::isDirectory).filter(Files::isReadable);
      if (folder.isEmpty() && !part.isBlank()) {
        return Optional.empty();
      }
      folder.ifPresent(folders::add);
    }
    return Optional.of(folders);
  }

  private static Optional<String> parseModel(String text) {
    boolean none = text.equals(Forecasters.NONE);
    return none
            || parsePath(text).filter(Files::isRegularFile).filter(Files::isReadable).isPresent()
        ? Optional.of(text)
        : Optional.empty();
  }

  /** {@code kafka.bootstrapServers} becomes {@code FORESPLIT_KAFKA_BOOTSTRAP_SERVERS}. */
  static String variable(String key) {
    return PREFIX
        + key.replace('.', '_').replaceAll("([a-z])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
  }

  public AppConfig withDataDir(Path folder) {
    return new AppConfig(folder, kafka, http, forecasting, diagnosis, llm, recovery);
  }

  public AppConfig withKafkaPort(int port) {
    return new AppConfig(
        dataDir,
        new KafkaConfig(kafka.bootstrapServers(), port, kafka.partitions()),
        http,
        forecasting,
        diagnosis,
        llm,
        recovery);
  }

  public AppConfig withHttpPort(int port) {
    return new AppConfig(
        dataDir,
        kafka,
        new HttpConfig(http.host(), port, http.allowedHosts()),
        forecasting,
        diagnosis,
        llm,
        recovery);
  }
}
