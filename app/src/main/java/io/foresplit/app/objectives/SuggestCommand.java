package io.foresplit.app.objectives;

import io.foresplit.app.config.AppConfig;
import io.foresplit.app.config.ConfigException;
import io.foresplit.app.config.DurationOption;
import io.foresplit.app.config.StartupException;
import io.foresplit.app.kafka.ViewFeed;
import io.foresplit.contract.JobId;
import io.foresplit.contract.Metric;
import io.foresplit.forecaster.ObjectiveSuggester;
import io.foresplit.forecaster.ObjectiveSuggestion;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Proposes bounds from what the service's Kafka still has of a job. Changes nothing. */
@Command(
    name = "suggest",
    description = {
      "Propose bounds of objectives from what a job reported while it was healthy, as lines for",
      "its job file. A running service's Kafka is read; nothing is changed."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example: foresplit objectives suggest fashion-mnist --duration 15s"})
final class SuggestCommand implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int INTERVALS = 3;

  @Parameters(index = "0", paramLabel = "JOB", description = "Id of the job.")
  private String job = "";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration of the service, which says where its Kafka is.")
  private @Nullable Path file;

  @Option(
      names = "--kafka",
      paramLabel = "HOST:PORT",
      description = "Kafka to read instead; the embedded broker of dataDir by default.")
  private @Nullable String kafka;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      converter = DurationOption.class,
      description = "How far back metrics are read, 24h by default.")
  private Duration since = Duration.ofHours(24);

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      converter = DurationOption.class,
      description = "How long a metric is to stay above its bound; three intervals by default.")
  private @Nullable Duration duration;

  @Option(
      names = "--once-in",
      paramLabel = "TIME",
      converter = DurationOption.class,
      description = "A healthy job is to stay above a bound once in this time, 1000h by default.")
  private Duration once = Duration.ofHours(1000);

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets spec
  SuggestCommand() {}

  @Override
  public Integer call() throws ConfigException, InterruptedException {
    String address = address();
    JobId id = new JobId(job);
    ObjectiveSuggester suggester = new ObjectiveSuggester();
    JobHistory history = new JobHistory(id, suggester);
    try (ViewFeed feed = ViewFeed.start(address, since, InstantSource.system(), List.of(history))) {
      if (!feed.awaitCaughtUp(LIMIT)) {
        throw new StartupException(
            "no Kafka with topics of Foresplit was read at "
                + address
                + " within "
                + LIMIT.toSeconds()
                + " s: start the service, or give --kafka HOST:PORT");
      }
    }
    if (!history.jobs().contains(id)) {
      throw new StartupException(
          "no job " + job + " in Kafka at " + address + "; there are " + history.jobs());
    }
    PrintWriter out = spec.commandLine().getOut();
    print(suggester, out);
    out.flush();
    return 0;
  }

  private String address() throws ConfigException {
    if (kafka != null) {
      return kafka;
    }
    AppConfig config =
        file == null
            ? AppConfig.fromEnvironment(System.getenv())
            : AppConfig.load(file, System.getenv());
    if (!config.kafka().embedded()) {
      return config.kafka().bootstrapServers();
    }
    Path port = config.dataDir().resolve("kafka").resolve("port");
    try {
      return "127.0.0.1:" + Files.readString(port).strip();
    } catch (IOException e) {
      throw new StartupException(
          "no embedded Kafka was ever started in "
              + config.dataDir()
              + ": run this where the service runs, or give --config FILE or --kafka HOST:PORT",
          e);
    }
  }

  private void print(ObjectiveSuggester suggester, PrintWriter out) {
    Duration length = suggester.intervalLength();
    Duration stay = duration == null ? length.multipliedBy(INTERVALS) : duration;
    List<ObjectiveSuggestion> suggestions =
        length.isZero() ? List.of() : suggester.suggest(stay, once);
    if (suggestions.isEmpty()) {
      throw new StartupException(
          "a bound needs "
              + ObjectiveSuggester.LEAST_VALUES
              + " healthy intervals of a metric at the present cut, job "
              + job
              + " has "
              + suggester.values(Metric.STEP_SECONDS)
              + " of step-seconds: ask again later, or read further back with --since");
    }
    out.println(
        "# "
            + job
            + ", healthy intervals of "
            + inWords(length)
            + "; stayed above for "
            + inWords(suggestions.get(0).duration())
            + " once in "
            + inWords(once));
    out.println("objectives:");
    for (ObjectiveSuggestion suggestion : suggestions) {
      Metric metric = suggestion.metric();
      String name = metric.name().toLowerCase(Locale.ROOT).replace('_', '-');
      out.printf(
          Locale.ROOT,
          "  # %d intervals: median %s, stayed above %s%n"
              + "  - { id: %s, metric: %s, bound: %s, duration: %s, severity: warning }%n",
          suggestion.values(),
          value(metric, suggestion.median()),
          value(metric, suggestion.highest()),
          name.equals("step-seconds") ? "step-time" : name,
          name,
          value(metric, suggestion.bound()),
          inWords(suggestion.duration()));
    }
  }

  private static String value(Metric metric, double value) {
    if (metric.unit().equals("s")) {
      return value < 1
          ? String.format(Locale.ROOT, "%.4g ms", value * 1e3)
          : String.format(Locale.ROOT, "%.4g s", value);
    }
    return String.format(Locale.ROOT, "%.4g", value);
  }

  private static String inWords(Duration time) {
    if (time.toMillis() % 1000 != 0) {
      return time.toMillis() + " ms";
    }
    return time.toSeconds() % 3600 == 0 ? time.toHours() + " h" : time.toSeconds() + " s";
  }
}
