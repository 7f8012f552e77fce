package io.foresplit.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.foresplit.contract.OperatorCommand.Mode;
import io.foresplit.diagnoser.llm.LlmLimits;
import io.foresplit.diagnoser.llm.local.LocalModelConfig;
import io.foresplit.runtime.security.SecurityFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AppConfigTest {
  private static final String FULL =
      """
      dataDir: /var/lib/foresplit
      kafka:
        bootstrapServers: a:9092, b:9092
        port: 19092
        partitions: 8
      http:
        host: 0.0.0.0
        port: 8090
        allowedHosts: [foresplit, foresplit.example.org]
      forecaster:
        model: pom.xml
      diagnoser:
        runbooks: [src/main, src/test]
      llm:
        provider: openai-compatible
        baseUrl: http://localhost:1234/v1
        model: small
        apiKey: very-secret
        timeout: 45s
        tokensPerIncident: 20000
        tokensPerDay: 200000
        timePerIncident: 3m
        retries: 1
        breakerFailures: 4
        breakerPause: 90s
        mask: true
      recovery:
        mode: observe
        coordinator: localhost:7070
        tlsCa: ca.pem
        tlsCert: controller.pem
        tlsKey: controller.key
        tokenFile: token
      """;

  @Test
  void defaultsNeedNothingFromOutside() {
    assertThat(AppConfig.defaults())
        .isEqualTo(
            new AppConfig(
                Path.of(".foresplit"),
                new KafkaConfig("", 0, 1),
                new HttpConfig("127.0.0.1", 8080, List.of()),
                new ForecastingConfig(Optional.empty()),
                new DiagnosisConfig(List.of()),
                new LlmConfig(
                    LlmConfig.Provider.NONE,
                    "",
                    "",
                    Optional.empty(),
                    Duration.ofSeconds(30),
                    Optional.empty(),
                    LlmLimits.defaults(),
                    false),
                new RecoveryConfig(Mode.AUTOMATIC, Optional.empty(), SecurityFiles.none())));
    assertThat(AppConfig.defaults().kafka().embedded()).isTrue();
    assertThat(AppConfig.defaults().llm().enabled()).isFalse();
  }

  @Test
  void everyKeyOfTheFileIsRead() throws ConfigException {
    assertThat(AppConfig.parse(FULL, "f.yaml", Map.of()))
        .isEqualTo(
            new AppConfig(
                Path.of("/var/lib/foresplit"),
                new KafkaConfig("a:9092,b:9092", 19092, 8),
                new HttpConfig("0.0.0.0", 8090, List.of("foresplit", "foresplit.example.org")),
                new ForecastingConfig(Optional.of("pom.xml")),
                new DiagnosisConfig(List.of(Path.of("src/main"), Path.of("src/test"))),
                new LlmConfig(
                    LlmConfig.Provider.OPENAI_COMPATIBLE,
                    "http://localhost:1234/v1",
                    "small",
                    Optional.of(new Secret("very-secret")),
                    Duration.ofSeconds(45),
                    Optional.empty(),
                    new LlmLimits(
                        20_000,
                        200_000,
                        Duration.ofMinutes(3),
                        1,
                        LlmLimits.defaults().retryWait(),
                        4,
                        Duration.ofSeconds(90)),
                    true),
                new RecoveryConfig(
                    Mode.OBSERVE,
                    Optional.of("localhost:7070"),
                    new SecurityFiles(
                        Optional.of(Path.of("ca.pem")),
                        Optional.of(Path.of("controller.pem")),
                        Optional.of(Path.of("controller.key")),
                        true,
                        Optional.of(Path.of("token")),
                        Optional.empty()))));
  }

  @Test
  void theEnvironmentWinsOverTheFile() throws ConfigException {
    AppConfig config =
        AppConfig.parse(
            FULL,
            "f.yaml",
            Map.of(
                "FORESPLIT_DATA_DIR", "/data",
                "FORESPLIT_KAFKA_BOOTSTRAP_SERVERS", "c:9092",
                "FORESPLIT_HTTP_ALLOWED_HOSTS", "x,y",
                "FORESPLIT_RECOVERY_MODE", "automatic",
                "FORESPLIT_SERVICE_PORT", "set by an orchestrator, none of ours"));

    assertThat(config.dataDir()).isEqualTo(Path.of("/data"));
    assertThat(config.kafka().bootstrapServers()).isEqualTo("c:9092");
    assertThat(config.http().allowedHosts()).containsExactly("x", "y");
    assertThat(config.recovery().mode()).isEqualTo(Mode.AUTOMATIC);
  }

  @Test
  void aKeyMayComeFromAnotherVariable() throws ConfigException {
    AppConfig config =
        AppConfig.parse(
            """
            llm: {provider: ollama, baseUrl: "http://localhost:11434", model: m, apiKeyEnv: MY_KEY}
            """,
            "f.yaml",
            Map.of("MY_KEY", "s3cret"));

    assertThat(config.llm().apiKey()).contains(new Secret("s3cret"));
  }

  @Test
  void secretsAreNeverPrinted() throws ConfigException {
    assertThat(AppConfig.parse(FULL, "f.yaml", Map.of()).toString())
        .doesNotContain("very-secret")
        .contains("[redacted]");
  }

  @Test
  void allProblemsAreListedAtOnce() {
    ConfigException problem =
        catchThrowableOfType(
            ConfigException.class,
            () ->
                AppConfig.parse(
                    """
                    kafka: {port: 70000, partitions: 0, bootstrapServer: "a:1"}
                    http: {port: eighty}
                    forecaster: {model: no-such.onnx}
                    diagnoser: {runbooks: [src/main, no-such-folder]}
                    llm: {provider: oracle, baseUrl: "ftp://x", apiKey: abc, apiKeyEnv: NOT_SET}
                    recovery: {mode: sometimes, coordinator: nowhere, tlsCert: c, tokenEnv: NOT_SET}
                    """,
                    "f.yaml",
                    Map.of("FORESPLIT_KAFKA_PROT", "1")));

    assertThat(problem.problems())
        .extracting(ConfigException.Problem::key)
        .containsExactlyInAnyOrder(
            "kafka.port",
            "kafka.partitions",
            "kafka.bootstrapServer",
            "http.port",
            "forecaster.model",
            "diagnoser.runbooks",
            "llm.provider",
            "llm.baseUrl",
            "llm.apiKey",
            "llm.apiKeyEnv",
            "recovery.mode",
            "recovery.coordinator",
            "recovery.tlsCert",
            "recovery.tlsCa",
            "recovery.tokenEnv",
            "FORESPLIT_KAFKA_PROT");
    assertThat(problem.getMessage())
        .contains("16 problems")
        .contains("kafka.port (f.yaml): expected a port from 0 to 65535, was '70000'")
        .contains(
            "forecaster.model (f.yaml): expected the path of an ONNX file that can be read,"
                + " or none, was 'no-such.onnx'")
        .contains(
            "diagnoser.runbooks (f.yaml): expected paths of folders that can be read,"
                + " was 'src/main,no-such-folder'")
        .contains("did you mean kafka.bootstrapServers?")
        .doesNotContain("abc");
  }

  @Test
  void aModelNeedsItsEndpoint() {
    assertThatThrownBy(() -> AppConfig.parse("llm: {provider: ollama}", "f.yaml", Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("llm.baseUrl")
        .hasMessageContaining("llm.model");
  }

  @Test
  void aLocalModelIsFoundByItsNameOrItsPath(@TempDir Path folder) throws Exception {
    Path model = Files.writeString(folder.resolve("tiny.gguf"), "GGUF…");
    Path adapter = Files.writeString(folder.resolve("adapter.gguf"), "GGUF…");
    Map<String, String> environment = Map.of("FORESPLIT_MODELS", folder.toString());
    assertThat(
            AppConfig.parse(
                    "llm: {provider: local, model: tiny, loraAdapter: "
                        + adapter
                        + ", threads: 2, contextTokens: 1024}",
                    "f.yaml",
                    environment)
                .llm())
        .isEqualTo(
            new LlmConfig(
                LlmConfig.Provider.LOCAL,
                "",
                "tiny",
                Optional.empty(),
                Duration.ofSeconds(30),
                Optional.of(new LocalModelConfig(model, Optional.of(adapter), 2, 1024)),
                LlmLimits.defaults(),
                false));
    assertThat(
            AppConfig.parse("llm: {provider: local, model: " + model + "}", "f.yaml", Map.of())
                .llm()
                .local())
        .contains(LocalModelConfig.of(model));
  }

  @ParameterizedTest
  @CsvSource({
    "https://api.example.com/v1, true",
    "http://10.0.0.7:11434, true",
    "http://localhost.example.com, true",
    "http://localhost:11434, false",
    "http://127.0.0.1:8000/v1, false",
    "http://[::1]:8000, false"
  })
  void namesAreMaskedUnlessTheModelIsOnThisMachineOrItIsSaid(String url, boolean mask)
      throws ConfigException {
    String llm = "llm: {provider: openai-compatible, model: m, baseUrl: '" + url + "'";
    assertThat(AppConfig.parse(llm + "}", "f.yaml", Map.of()).llm().mask()).isEqualTo(mask);
    assertThat(
            AppConfig.parse(llm + "}", "f.yaml", Map.of("FORESPLIT_LLM_MASK", "false"))
                .llm()
                .mask())
        .isFalse();
  }

  @Test
  void limitsOfTheModelThatMakeNoSenseAreNamed() {
    assertThatThrownBy(
            () ->
                AppConfig.parse(
                    "llm: {tokensPerIncident: 5000, tokensPerDay: 2000, retries: 9,"
                        + " breakerPause: 25h, timePerIncident: soon, mask: perhaps}",
                    "f.yaml",
                    Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(
            "llm.tokensPerDay (f.yaml): expected at least llm.tokensPerIncident, 5000, was 2000")
        .hasMessageContaining("llm.retries (f.yaml): expected a number from 0 to 5, was '9'")
        .hasMessageContaining("llm.breakerPause (f.yaml): expected a duration of at most 24 hours")
        .hasMessageContaining("llm.timePerIncident (f.yaml): expected a duration")
        .hasMessageContaining("llm.mask (f.yaml): expected true or false, was 'perhaps'");
  }

  @Test
  void aMissingLocalModelSaysHowToGetOne(@TempDir Path folder) {
    assertThatThrownBy(
            () ->
                AppConfig.parse(
                    "llm: {provider: local, model: smollm2-135m}",
                    "f.yaml",
                    Map.of("FORESPLIT_MODELS", folder.toString())))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "the configuration has 1 problem:\n"
                + "  llm.model (f.yaml): expected a GGUF file or the name of a model in "
                + folder
                + " (get one with ./foresplit model pull smollm2-135m), was 'smollm2-135m'");
  }

  @Test
  void keysOfALocalModelBelongToItAlone() {
    assertThatThrownBy(
            () ->
                AppConfig.parse(
                    "llm: {threads: 2, contextTokens: 5, loraAdapter: pom.xml}",
                    "f.yaml",
                    Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("llm.threads (f.yaml): expected llm.provider local beside it")
        .hasMessageContaining("llm.contextTokens (f.yaml): expected a number from 256 to 131072")
        .hasMessageContaining("llm.loraAdapter (f.yaml): expected llm.provider local beside it");
  }

  @Test
  void modelsAreWhereTheEnvironmentSays() {
    assertThat(ModelsFolder.of(Map.of("FORESPLIT_MODELS", "/m")).file("tiny"))
        .isEqualTo(Path.of("/m/tiny.gguf"));
    assertThat(ModelsFolder.of(Map.of("XDG_DATA_HOME", "/d")).path())
        .isEqualTo(Path.of("/d/foresplit/models"));
    assertThat(ModelsFolder.of(Map.of("XDG_DATA_HOME", "relative")).path())
        .isEqualTo(Path.of(System.getProperty("user.home"), ".local/share/foresplit/models"));
  }

  @Test
  void whatIsNotYamlNamesTheLine() {
    assertThatThrownBy(() -> AppConfig.parse("http:\n  port: [1", "f.yaml", Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("f.yaml line");
    assertThatThrownBy(() -> AppConfig.parse("just words", "f.yaml", Map.of()))
        .isInstanceOf(ConfigException.class);
    assertThatThrownBy(
            () -> AppConfig.parse("http: {port: 1}\nhttp: {port: 2}", "f.yaml", Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("http");
  }

  @Test
  void aMissingFileSaysSo() {
    assertThatThrownBy(() -> AppConfig.load(Path.of("no-such.yaml"), Map.of()))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("no-such.yaml does not exist");
  }
}
