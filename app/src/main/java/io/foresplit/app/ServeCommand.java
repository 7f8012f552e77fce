package io.foresplit.app;

import io.foresplit.app.config.AppConfig;
import io.foresplit.app.config.ConfigException;
import io.foresplit.app.config.StartupException;
import io.foresplit.app.process.LogFile;
import io.foresplit.app.service.Wiring;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the service until it is told to stop. */
@Command(
    name = "serve",
    description = {
      "Run the service: collector, forecaster, diagnoser, recovery, console and API.",
      "Without bootstrap servers it starts its own Kafka broker."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example: foresplit serve --config foresplit.yaml --port 8090"})
final class ServeCommand implements Callable<Integer> {
  private static final long ORDERLY_END_SECONDS = 9;

  private final CompletableFuture<Optional<Throwable>> stopAsked = new CompletableFuture<>();
  private final CountDownLatch stopped = new CountDownLatch(1);

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file; environment variables FORESPLIT_… win over it.")
  private @Nullable Path file;

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      description = "Data folder, instead of dataDir of the configuration.")
  private @Nullable Path dataDir;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Port of the console, instead of http.port; 0 takes a free one.")
  private @Nullable Integer port;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets spec
  ServeCommand() {}

  @Override
  public Integer call() throws Exception {
    AppConfig config = config(System.getenv());
    Path log = LogFile.in(config.dataDir());
    Thread hook = new Thread(this::stopInOrder, "stop-service");
    Runtime.getRuntime().addShutdownHook(hook);
    PrintWriter out = spec.commandLine().getOut();
    try (Wiring service = Wiring.start(config)) {
      out.println("Foresplit is running (" + service + "), log in " + log + ". Ctrl-C stops it.");
      out.flush();
      CompletableFuture<Boolean> unused =
          service.failure().thenApply(failure -> stopAsked.complete(Optional.of(failure)));
      Optional<Throwable> failure = stopAsked.get();
      if (failure.isPresent()) {
        throw new StartupException(
            "a part of the service failed: " + failure.get().getMessage() + "; see " + log,
            failure.get());
      }
    } finally {
      stopped.countDown();
    }
    return 0;
  }

  AppConfig config(Map<String, String> environment) throws ConfigException {
    AppConfig config =
        file == null ? AppConfig.fromEnvironment(environment) : AppConfig.load(file, environment);
    if (dataDir != null) {
      config = config.withDataDir(dataDir);
    }
    return port == null ? config : config.withHttpPort(port);
  }

  private void stopInOrder() {
    stopAsked.complete(Optional.empty());
    try {
      if (!stopped.await(ORDERLY_END_SECONDS, TimeUnit.SECONDS)) {
        Runtime.getRuntime().halt(Main.FAILURE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
