package io.foresplit.app.bench.runtime;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.foresplit.app.config.StartupException;
import io.foresplit.runtime.data.FashionMnist;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The split runtime, measured. */
@Command(
    name = "runtime",
    description = {
      "Measure the split runtime on this machine, with real processes: a live move, the death of a",
      "node and throughput under deaths, each beside checkpoint and restart; and re-splitting on a",
      "fading link beside every fixed cut. Takes a quarter of an hour; let nothing else run."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example: foresplit bench runtime --report runtime.json"})
public final class RuntimeCommand implements Callable<Integer> {
  private static final int INTERRUPTED = 130;

  @Option(
      names = "--seed",
      description = "Of weights, order, kills and the fading link; ${DEFAULT-VALUE} by default.")
  private long seed = 1;

  @Option(
      names = "--quick",
      description = "A short run that shows that all of it works; its figures say little.")
  private boolean quick;

  @Option(
      names = "--only",
      paramLabel = "PART",
      description = {
        "Only one part: ${COMPLETION-CANDIDATES}. The latter is in virtual time, for 20 links of",
        "the seed and those that follow."
      })
  private @Nullable Part only;

  @Option(
      names = "--dataset",
      paramLabel = "FOLDER",
      description = "Fashion-MNIST in IDX files; by default the Debian package's, else drawn.")
  private @Nullable Path dataset;

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      description = "For states and logs, which stay when it fails; ${DEFAULT-VALUE} by default.")
  private Path data = Path.of(".foresplit", "bench");

  @Option(names = "--report", paramLabel = "FILE", description = "Write the figures as JSON.")
  private @Nullable Path report;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  /** What can be measured alone. */
  enum Part {
    FADING("fading"),
    FADING_SIMULATED("fading-simulated");

    private final String label;

    Part(String label) {
      this.label = label;
    }

    @Override
    public String toString() {
      return label;
    }
  }

  @Override
  public Integer call() throws Exception {
    Path chosen = dataset;
    if (chosen != null && !FashionMnist.isIn(chosen)) {
      throw new ParameterException(
          spec.commandLine(),
          "--dataset must be a folder with train-images-idx3-ubyte and train-labels-idx1-ubyte,"
              + " plain or .gz, was "
              + chosen);
    }
    Files.createDirectories(data);
    Path folder = Files.createTempDirectory(data.toAbsolutePath(), "runtime-");
    System.setProperty("org.slf4j.simpleLogger.logFile", folder.resolve("bench.log").toString());
    PrintWriter out = spec.commandLine().getOut();
    AtomicBoolean stopping = new AtomicBoolean();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stopping.set(true), "stop-bench"));
    try {
      run(folder, out);
    } catch (IOException | StartupException | IllegalStateException e) {
      if (stopping.get()) {
        return INTERRUPTED; // its processes are being ended
      }
      throw e;
    }
    delete(folder);
    return 0;
  }

  private void run(Path folder, PrintWriter out) throws Exception {
    InstantSource clock = InstantSource.system();
    BenchSite site =
        new BenchSite(
            folder,
            seed,
            Optional.ofNullable(dataset)
                .or(() -> Optional.of(FashionMnist.DEBIAN).filter(FashionMnist::isIn))
                .map(Path::toAbsolutePath),
            spec.root().userObject().getClass(),
            clock,
            out,
            clock.instant(),
            new ArrayList<>());
    Figures figures = figures(site);
    out.println();
    figures.table().forEach(out::println);
    Path file = report;
    if (file != null) {
      Path parent = file.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), figures.json());
      out.println();
      out.println("report written to " + file);
    }
    out.flush();
  }

  private record Figures(Record json, List<String> table) {}

  private Figures figures(BenchSite site) throws Exception {
    Scale scale = quick ? Scale.quick() : Scale.full();
    RuntimeBench bench = new RuntimeBench(site, scale, quick, System::nanoTime);
    Part part = only;
    if (part == null) {
      RuntimeReport all = bench.run();
      return new Figures(all, RuntimeTable.of(all));
    }
    return switch (part) {
      case FADING -> {
        RuntimeReport.FadingAlone fading = bench.fading();
        yield new Figures(fading, RuntimeTable.of(fading));
      }
      case FADING_SIMULATED -> {
        RuntimeReport.FadingSimulated simulated = AdaptivePart.simulated(seed, scale);
        yield new Figures(simulated, RuntimeTable.of(simulated));
      }
    };
  }

  private static void delete(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }
}
