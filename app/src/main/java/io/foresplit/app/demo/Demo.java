package io.foresplit.app.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.foresplit.app.config.AppConfig;
import io.foresplit.app.config.ModelsFolder;
import io.foresplit.app.config.RecoveryConfig;
import io.foresplit.app.config.StartupException;
import io.foresplit.app.process.Folders;
import io.foresplit.contract.OperatorCommand;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.contract.jobfile.JobFileException;
import io.foresplit.runtime.data.FashionMnist;
import io.foresplit.runtime.fault.DemoScenario;
import io.foresplit.runtime.fault.FaultKind;
import io.foresplit.runtime.fault.ScenarioGenerator;
import io.foresplit.runtime.security.SecurityFiles;
import io.foresplit.runtime.tensor.ModelDefinition;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The demo as a whole: folders, dataset, one or two runs, summary and report. */
public final class Demo {
  private static final String JOB = "/jobs/demo.yaml";
  private static final int KEPT_RUNS = 3;
  private static final int PASSED = 0;
  private static final int NOT_PASSED = 1;
  private static final int INTERRUPTED = 130;

  /**
   * What was asked for.
   *
   * @param fault label of a {@link FaultKind}
   * @param dataset folder, or empty for the installed or the drawn one
   * @param dataDir of all demo runs
   */
  public record Request(
      String fault,
      long seed,
      double durationSeconds,
      boolean compare,
      Optional<Path> dataset,
      Optional<String> model,
      Optional<Path> report,
      Path dataDir,
      int port,
      boolean keepNodes) {
    private static final double LEAST_SECONDS = 60;
    private static final double MOST_SECONDS = 86_400;

    public Request {
      FaultKind.ofLabel(fault);
      if (!(durationSeconds >= LEAST_SECONDS && durationSeconds <= MOST_SECONDS)) {
        throw new IllegalArgumentException(
            "--duration must be between "
                + LEAST_SECONDS
                + " and "
                + MOST_SECONDS
                + " seconds, was "
                + durationSeconds);
      }
    }
  }

  private final Request request;
  private final PrintStream out;
  private final UnaryOperator<Path> log;
  private final Class<?> main;
  private final CountDownLatch stop;

  /**
   * @param log sends the log to a data folder, and says to which file
   * @param main class of the program, for its child processes
   * @param stop counted down to end early
   */
  public Demo(
      Request request,
      PrintStream out,
      UnaryOperator<Path> log,
      Class<?> main,
      CountDownLatch stop) {
    this.request = request;
    this.out = out;
    this.log = log;
    this.main = main;
    this.stop = stop;
  }

  /** Runs it; returns the exit code. */
  public int run() throws Exception {
    Path dataDir = request.dataDir().toAbsolutePath();
    Files.createDirectories(dataDir);
    Optional<KeptNodes> kept = KeptNodes.find(dataDir);
    FaultKind kind = kept.map(KeptNodes::fault).orElse(FaultKind.ofLabel(request.fault()));
    long seed = kept.map(KeptNodes::seed).orElse(request.seed());
    double duration = kept.map(KeptNodes::durationSeconds).orElse(request.durationSeconds());

    DemoModel model = DemoModel.find(request.model(), ModelsFolder.of(System.getenv()));
    String yaml = jobYaml();
    JobFile job = job(yaml);
    DemoScenario scenario = new ScenarioGenerator().generate(job.job(), kind, seed, duration);
    Optional<Path> dataset = dataset();
    String datasetName =
        kept.map(KeptNodes::dataset)
            .orElse(
                dataset.map(d -> "Fashion-MNIST in " + d).orElse("shapes drawn by the program"));
    Path folder = kept.map(k -> Path.of(k.folder())).orElseGet(() -> newFolder(dataDir));
    out.println("Foresplit demo");
    out.println("  fault      " + kind.label() + ", seed " + seed);
    out.println(
        "  dataset    "
            + datasetName
            + (dataset.isPresent()
                ? ""
                : " (for Fashion-MNIST: apt-get install dataset-fashion-mnist, or --dataset)"));
    out.println("  model      " + model.told());
    out.println("  data       " + folder + ", log in " + log.apply(folder));
    if (kept.isPresent()) {
      out.println("  nodes      those of an earlier run are still training: going on with them");
    }

    Optional<Double> comparedBreach = Optional.empty();
    if (request.compare() && kept.isEmpty()) {
      out.println();
      out.println("First without protection:");
      DemoRun.Settings unprotected =
          settings(
              model,
              dataDir,
              folder.resolve("unprotected"),
              OperatorCommand.Mode.OBSERVE,
              yaml,
              job,
              scenario,
              dataset,
              datasetName,
              Optional.empty());
      Optional<DemoRun.Result> result = runOnce(unprotected);
      if (result.isEmpty()) {
        return INTERRUPTED;
      }
      comparedBreach =
          new DemoJudge(job.job(), scenario).breachOf(result.get().records(), result.get().start());
      out.println();
      out.println("Now with Foresplit:");
    }
    Optional<DemoRun.Result> result =
        runOnce(
            settings(
                model,
                dataDir,
                folder,
                OperatorCommand.Mode.AUTOMATIC,
                yaml,
                job,
                scenario,
                dataset,
                datasetName,
                kept));
    if (result.isEmpty()) {
      out.println("stopped");
      return INTERRUPTED;
    }
    DemoReport report =
        new DemoJudge(job.job(), scenario)
            .judge(
                result.get().start(),
                seed,
                datasetName,
                result.get().records(),
                result.get().facts(),
                comparedBreach,
                request.compare() && kept.isEmpty());
    new DemoScreen(out, job.job(), result.get().start()).summary(report);
    if (request.report().isPresent()) {
      write(report, request.report().get());
    }
    return report.passed() ? PASSED : NOT_PASSED;
  }

  private DemoRun.Settings settings(
      DemoModel model,
      Path dataDir,
      Path folder,
      OperatorCommand.Mode mode,
      String yaml,
      JobFile job,
      DemoScenario scenario,
      Optional<Path> dataset,
      String datasetName,
      Optional<KeptNodes> kept) {
    AppConfig defaults = AppConfig.defaults().withDataDir(folder).withHttpPort(request.port());
    AppConfig config =
        new AppConfig(
            folder,
            defaults.kafka(),
            defaults.http(),
            defaults.forecasting(),
            defaults.diagnosis(),
            model.config(),
            new RecoveryConfig(mode, Optional.empty(), SecurityFiles.none()));
    return new DemoRun.Settings(
        config,
        dataDir,
        folder,
        yaml,
        job,
        scenario,
        dataset,
        datasetName,
        request.keepNodes() && mode == OperatorCommand.Mode.AUTOMATIC,
        kept,
        main);
  }

  private Optional<DemoRun.Result> runOnce(DemoRun.Settings settings) throws Exception {
    try (DemoRun run = new DemoRun(settings, out, stop)) {
      return run.run();
    }
  }

  private Optional<Path> dataset() {
    if (request.dataset().isPresent()) {
      Path folder = request.dataset().get().toAbsolutePath();
      if (!FashionMnist.isIn(folder)) {
        throw new StartupException(
            "no Fashion-MNIST in "
                + folder
                + ": expected train-images-idx3-ubyte and train-labels-idx1-ubyte, plain or .gz;"
                + " correct --dataset, or leave it out");
      }
      return Optional.of(folder);
    }
    return Optional.of(FashionMnist.DEBIAN).filter(FashionMnist::isIn);
  }

  private static String jobYaml() throws IOException {
    try (InputStream in = Demo.class.getResourceAsStream(JOB)) {
      if (in == null) {
        throw new IllegalStateException("the program lacks its resource " + JOB);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** The job every demo runs. */
  static JobFile job(String yaml) throws JobFileException {
    return JobFile.parse(
        yaml, "demo.yaml", (model, batch) -> ModelDefinition.named(model).profile(batch));
  }

  private static Path newFolder(Path dataDir) {
    try (Stream<Path> runs = Files.list(dataDir)) {
      List<Path> old =
          runs.filter(Files::isDirectory)
              .sorted(java.util.Comparator.reverseOrder())
              .skip(KEPT_RUNS - 1)
              .toList();
      for (Path run : old) {
        Folders.delete(run);
      }
    } catch (IOException e) {
      throw new StartupException("the data folder " + dataDir + " cannot be read: " + e, e);
    }
    return dataDir.resolve(
        LocalDateTime.now(ZoneId.systemDefault())
            .format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS", Locale.ROOT)));
  }

  private void write(DemoReport report, Path file) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), report);
    out.println();
    out.println("report written to " + file);
  }
}
