package io.foresplit.app.bench.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Throughput, latency and memory of the stages on Kafka. */
@Command(
    name = "pipeline",
    description = {
      "Measure the stages on an embedded Kafka: metrics a second, time from publishing to the tick",
      "and to the forecaster's judgement, and memory, as the number of segments grows; beside a",
      "bare pass-through of Kafka Streams in the same run. Takes some minutes."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example: foresplit bench pipeline --segments 10,100 --seconds 10"})
public final class PipelineCommand implements Callable<Integer> {
  private static final int MOST_SEGMENTS = 100_000;
  private static final int MOST_SECONDS = 60;
  private static final int LEAST_INTERVAL = 100;
  private static final int MOST_INTERVAL = 10_000;
  private static final int FULL_WINDOWS = 260;
  private static final double WARM_UP_SECONDS = 4;
  private static final double PATIENCE_SECONDS = 10;

  @Option(
      names = "--segments",
      split = ",",
      paramLabel = "COUNT",
      description = "How many, multiples of 5; 10,100,1000,10000 by default.")
  private List<Integer> segments = new ArrayList<>();

  @Option(
      names = "--seconds",
      description = "Of the offered load, 1 to 60; ${DEFAULT-VALUE} by default.")
  private int seconds = 20;

  @Option(
      names = "--interval",
      paramLabel = "MILLIS",
      description = "Report interval at the offered load; ${DEFAULT-VALUE} by default.")
  private int interval = 5_000;

  @Option(
      names = "--no-warm-up",
      description = "Measure at once; the first figures are worse then.")
  private boolean noWarmUp;

  @Option(names = "--report", paramLabel = "FILE", description = "Write the figures as JSON.")
  private @Nullable Path report;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Integer> sizes = segments.isEmpty() ? List.of(10, 100, 1_000, 10_000) : segments;
    check(sizes);
    Path folder = Files.createTempDirectory("foresplit-pipeline-");
    System.setProperty("org.slf4j.simpleLogger.logFile", folder.resolve("bench.log").toString());
    Thread ending = new Thread(() -> delete(folder), "end-bench");
    Runtime.getRuntime().addShutdownHook(ending);
    try {
      run(folder, sizes);
    } finally {
      Runtime.getRuntime().removeShutdownHook(ending);
      delete(folder);
    }
    return 0;
  }

  private void check(List<Integer> sizes) {
    for (int size : sizes) {
      if (size < Fleet.NODES || size > MOST_SEGMENTS || size % Fleet.NODES != 0) {
        throw usage(
            "--segments must be multiples of "
                + Fleet.NODES
                + " up to "
                + MOST_SEGMENTS
                + ", was "
                + size);
      }
    }
    if (seconds < 1 || seconds > MOST_SECONDS) {
      throw usage("--seconds must be 1 to " + MOST_SECONDS + ", was " + seconds);
    }
    if (interval < LEAST_INTERVAL || interval > MOST_INTERVAL) {
      throw usage(
          "--interval must be "
              + LEAST_INTERVAL
              + " to "
              + MOST_INTERVAL
              + " milliseconds, was "
              + interval);
    }
  }

  private void run(Path folder, List<Integer> sizes) throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    if (!noWarmUp) {
      say(out, "warming up");
      bench(folder.resolve("warm-up"), WARM_UP_SECONDS, 500, line -> {})
          .run(List.of(10 * Fleet.NODES));
    }
    PipelineReport measured =
        bench(folder.resolve("measured"), seconds, interval, line -> say(out, line)).run(sizes);
    out.println();
    PipelineTable.of(measured).forEach(out::println);
    Path file = report;
    if (file != null) {
      Path parent = file.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), measured);
      out.println();
      out.println("report written to " + file);
    }
    out.flush();
  }

  private static PipelineBench bench(
      Path folder, double seconds, int intervalMillis, Consumer<String> progress) {
    return new PipelineBench(
        folder,
        seconds,
        Duration.ofMillis(intervalMillis),
        PATIENCE_SECONDS,
        FULL_WINDOWS,
        InstantSource.system(),
        System::nanoTime,
        progress);
  }

  private static void say(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static void delete(Path folder) {
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path file : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      // a broker that is being stopped still writes; the folder is a temporary one
    }
  }
}
