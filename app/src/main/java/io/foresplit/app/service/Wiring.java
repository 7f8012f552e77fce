package io.foresplit.app.service;

import io.foresplit.app.config.AppConfig;
import io.foresplit.app.config.StartupException;
import io.foresplit.app.http.ConsoleServer;
import io.foresplit.app.kafka.EmbeddedKafka;
import io.foresplit.app.kafka.TopicSetup;
import io.foresplit.app.kafka.ViewFeed;
import io.foresplit.app.library.ServiceLibrary;
import io.foresplit.app.metrics.LlmMetrics;
import io.foresplit.app.metrics.ServiceMetrics;
import io.foresplit.app.view.LiveView;
import io.foresplit.app.view.RecordSink;
import io.foresplit.collector.CollectorConfig;
import io.foresplit.collector.CollectorListener;
import io.foresplit.collector.stream.CollectorTopology;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.OperatorCommand;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.diagnoser.DiagnoserConfig;
import io.foresplit.diagnoser.DiagnoserListener;
import io.foresplit.diagnoser.chat.Answerer;
import io.foresplit.diagnoser.chat.IncidentChat;
import io.foresplit.diagnoser.kafka.ReasonerLoop;
import io.foresplit.diagnoser.library.Library;
import io.foresplit.diagnoser.llm.Investigator;
import io.foresplit.diagnoser.llm.InvestigatorConfig;
import io.foresplit.diagnoser.llm.LanguageModel;
import io.foresplit.diagnoser.llm.LimitedModel;
import io.foresplit.diagnoser.llm.ModelChat;
import io.foresplit.diagnoser.llm.embedding.BgeEmbedder;
import io.foresplit.diagnoser.stream.DiagnosisTopology;
import io.foresplit.forecaster.ForecastStage;
import io.foresplit.forecaster.Forecaster;
import io.foresplit.forecaster.ForecasterConfig;
import io.foresplit.forecaster.model.Forecasters;
import io.foresplit.forecaster.model.KindModel;
import io.foresplit.forecaster.model.ModelFileException;
import io.foresplit.forecaster.stream.ForecastTopology;
import io.foresplit.recovery.RecoveryConfig;
import io.foresplit.recovery.RecoveryListener;
import io.foresplit.recovery.kafka.RecoveryService;
import io.foresplit.runtime.GrpcTrainingRuntime;
import io.foresplit.runtime.plan.CutPlanner;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.streams.Topology;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service: broker, the four stages, view and console, each given the ports it needs. Closing it
 * stops everything in the reverse order of the start.
 */
public final class Wiring implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);
  private static final Duration HISTORY = Duration.ofMinutes(10);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
  private final AppConfig config;
  private String bootstrapServers = "";
  private String console = "";

  private Wiring(AppConfig config) {
    this.config = config;
  }

  /** Starts the service as configured. */
  public static Wiring start(AppConfig config) {
    Wiring wiring = broker(config);
    try {
      wiring.stages(config.recovery().coordinator(), List.of());
      return wiring;
    } catch (RuntimeException e) {
      wiring.close();
      throw e;
    }
  }

  /** Starts the broker alone, or finds the configured one; {@link #stages} starts the rest. */
  public static Wiring broker(AppConfig config) {
    Wiring wiring = new Wiring(config);
    if (config.kafka().embedded()) {
      EmbeddedKafka kafka =
          EmbeddedKafka.start(
              config.dataDir().resolve("kafka"),
              config.kafka().port(),
              config.kafka().partitions());
      wiring.parts.push(kafka);
      wiring.bootstrapServers = kafka.bootstrapServers();
    } else {
      wiring.bootstrapServers = config.kafka().bootstrapServers();
      TopicSetup.create(wiring.bootstrapServers, config.kafka().partitions());
    }
    return wiring;
  }

  /** Where nodes send their reports. */
  public String bootstrapServers() {
    return bootstrapServers;
  }

  /** Address of the console. */
  public String console() {
    return console;
  }

  /** Completes when a part has stopped for good. */
  public CompletableFuture<Throwable> failure() {
    return failure;
  }

  /**
   * Starts console and stages.
   *
   * @param coordinator of the training runtime, {@code host:port}; empty only to observe
   * @param sinks that also want to see what the topics say
   */
  public void stages(Optional<String> coordinator, List<RecordSink> sinks) {
    PlacementPlanner planner = new CutPlanner();
    PrometheusRegistry registry = new PrometheusRegistry();
    ServiceMetrics metrics = new ServiceMetrics(registry);
    LiveView view = new LiveView();
    ServiceLibrary library =
        new ServiceLibrary(
            config.diagnosis().runbooks(), BgeEmbedder::load, config.llm().enabled());
    parts.push(library);
    LlmMetrics llmMetrics = new LlmMetrics(registry);
    Optional<LimitedModel> model = model(view, library, llmMetrics);
    // early, for a port in use is the likeliest problem
    ConsoleServer server =
        new ConsoleServer(config.http(), view, registry, answerer(model, planner, library));
    parts.push(server);
    console = server.url();

    List<StreamsStage> stages = new ArrayList<>();
    stages.add(
        stage(
            "collector",
            CollectorTopology.build(
                CollectorConfig.defaults().withPartitions(config.kafka().partitions()),
                new CollectorListener() {})));
    stages.add(
        stage(
            "forecaster",
            ForecastTopology.build(
                new ForecastStage(ForecasterConfig.defaults(), planner, forecasters())
                    .withKinds(KindModel.bundled()),
                metrics)));
    stages.add(
        stage(
            "diagnoser",
            DiagnosisTopology.build(
                DiagnoserConfig.defaults(), planner, new DiagnoserListener() {})));
    model.ifPresent(asked -> startReasoner(asked, view, planner, library, llmMetrics));
    boolean acts = config.recovery().mode() == OperatorCommand.Mode.AUTOMATIC;
    if (coordinator.isPresent() && acts) {
      startRecovery(coordinator.get(), planner, metrics);
    } else {
      LOG.info("recovery is off: {}", acts ? "no coordinator is configured" : "mode observe");
    }

    List<RecordSink> all = new ArrayList<>(sinks);
    all.add(library);
    all.add(view);
    all.add(metrics);
    parts.push(ViewFeed.start(bootstrapServers, HISTORY, InstantSource.system(), all));
    try {
      for (StreamsStage stage : stages) {
        stage.awaitRunning();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("interrupted while the stages started", e);
    }
  }

  /** Before the stage that uses them, so closed after it. */
  private List<Forecaster> forecasters() {
    try {
      Forecasters forecasters = Forecasters.of(config.forecasting().model().orElse(null));
      parts.push(forecasters);
      LOG.info("series are forecast by {} at first", forecasters.all().get(0).name());
      return forecasters.all();
    } catch (ModelFileException e) {
      throw new StartupException("forecaster.model: " + e.getMessage(), e);
    }
  }

  private StreamsStage stage(String name, Topology topology) {
    Path state = config.dataDir().resolve("streams");
    StreamsStage stage =
        StreamsStage.start(name, topology, bootstrapServers, state, failure::complete);
    parts.push(stage);
    return stage;
  }

  /** The language model within its limits; calls nothing yet. */
  private Optional<LimitedModel> model(LiveView view, ServiceLibrary library, LlmMetrics metrics) {
    Optional<LimitedModel> model =
        LanguageModel.of(config.llm().forDiagnoser(), System::nanoTime)
            .map(
                asked ->
                    new LimitedModel(
                        asked,
                        config.llm().timeout(),
                        config.llm().limits(),
                        config.llm().mask(),
                        view::facts,
                        library::names,
                        InstantSource.system(),
                        System::nanoTime,
                        metrics));
    model.ifPresent(parts::push);
    return model;
  }

  private Answerer answerer(
      Optional<LimitedModel> model, PlacementPlanner planner, Library library) {
    return model
        .<Answerer>map(asked -> new ModelChat(asked, config.llm().model(), planner, library))
        .orElseGet(() -> new IncidentChat(planner));
  }

  private void startReasoner(
      LimitedModel model,
      LiveView view,
      PlacementPlanner planner,
      Library library,
      LlmMetrics metrics) {
    Investigator investigator =
        new Investigator(
            InvestigatorConfig.of(config.llm().forDiagnoser()),
            model::chat,
            diagnosis -> view.facts(diagnosis.incident().id()),
            library,
            planner,
            metrics);
    parts.push(ReasonerLoop.start(bootstrapServers, "foresplit-reasoner", investigator, metrics));
  }

  private void startRecovery(String coordinator, PlacementPlanner planner, ServiceMetrics metrics) {
    GrpcTrainingRuntime runtime;
    try {
      runtime =
          new GrpcTrainingRuntime(coordinator, config.recovery().security().read(System.getenv()));
    } catch (IOException | IllegalArgumentException e) {
      throw new StartupException("recovery: " + e.getMessage(), e);
    }
    parts.push(runtime);
    RecoveryService recovery =
        new RecoveryService(
            RecoveryConfig.defaults(),
            clients(),
            runtime,
            planner,
            InstantSource.system(),
            new RecoveryListener() {
              @Override
              public void declined(JobId job, IncidentId incident, String reason) {
                LOG.info("no action for {} of job {}: {}", incident, job, reason);
              }

              @Override
              public void recommended(JobId job, int refused, int lost, boolean won) {
                metrics.recommended(job, refused, lost, won);
              }

              @Override
              public void late(JobId job, int moves) {
                metrics.late(job, moves);
              }

              @Override
              public void unreachable(JobId job, String reason) {
                LOG.warn("the runtime of job {} cannot be reached: {}", job, reason);
              }

              @Override
              public void failed(Throwable problem) {
                LOG.error("recovery failed", problem);
                failure.complete(problem);
              }
            });
    parts.push(recovery);
    recovery.start();
  }

  private Map<String, Object> clients() {
    return Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        LOG.warn("{} did not stop in order", part.getClass().getSimpleName(), e);
      }
    }
  }

  @Override
  public String toString() {
    return "console " + console;
  }
}
