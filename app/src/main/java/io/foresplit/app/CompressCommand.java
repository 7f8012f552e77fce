package io.foresplit.app;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Compression;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.GrpcTrainingRuntime;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Compresses a link of a training otherwise, while it goes on. */
@Command(
    name = "compress",
    description = {
      "Change how what crosses a link in training is compressed, from a step boundary on. Both",
      "directions change; says in one line what came of it, and ends with 0 when it is in force."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example: foresplit compress --coordinator 127.0.0.1:7400 --link device,edge --keep 0.1"
          + " --bits 4"
    })
final class CompressCommand implements Callable<Integer> {
  @Option(
      names = "--coordinator",
      required = true,
      paramLabel = "HOST:PORT",
      description = "The job's coordinator.")
  private String coordinator = "";

  @Option(
      names = "--link",
      required = true,
      paramLabel = "NODE,NODE",
      description = "The two ends of the link; 'NODE->NODE' is the same.")
  private String link = "";

  @Option(names = "--keep", paramLabel = "SHARE", description = "Of the values, above 0 to 1.")
  private @Nullable Double keep;

  @Option(names = "--bits", paramLabel = "N", description = "Of one kept value, 1 to 16.")
  private @Nullable Integer bits;

  @Option(names = "--off", description = "Compress no more, instead of --keep and --bits.")
  private boolean off;

  @Option(
      names = "--action",
      paramLabel = "ID",
      description = {
        "Name of this change, a new one by default. Repeating a name tells what came of the change",
        "and does nothing again."
      })
  private @Nullable String action;

  @Mixin private SecurityOptions security = new SecurityOptions();

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets spec
  CompressCommand() {}

  @Override
  public Integer call() throws IOException {
    Change change = change();
    try (GrpcTrainingRuntime runtime = runtime()) {
      MoveResult result = run(runtime, change);
      if (result.state() == State.COMMITTED) {
        spec.commandLine()
            .getOut()
            .printf(
                Locale.ROOT,
                "action %s is committed %s; training paused for %d ms%n",
                change.action(),
                result.detail(),
                result.pauseMillis());
        spec.commandLine().getOut().flush();
        return 0;
      }
      spec.commandLine().getErr().println("foresplit: " + problem(change.action(), result));
      return Main.FAILURE;
    }
  }

  private static String problem(ActionId action, MoveResult result) {
    return switch (result.state()) {
      case REFUSED -> "refused, nothing has changed: " + result.detail();
      case ABORTED -> "given up, nothing has changed: " + result.detail();
      case IN_PROGRESS -> "not over yet; ask again with --action " + action;
      case COMMITTED -> throw new IllegalArgumentException("it is committed");
    };
  }

  /**
   * What is asked for.
   *
   * @param wanted empty for none
   */
  private record Change(ActionId action, ComponentId link, Optional<Compression> wanted) {}

  private Change change() {
    String name = action;
    try {
      return new Change(
          new ActionId(name == null ? "compress-" + UUID.randomUUID() : name), link(), wanted());
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  private ComponentId link() {
    ComponentId id = new ComponentId(link.replace(",", "->"));
    if (!id.isLink()) {
      throw usage("--link must be NODE,NODE, was '" + link + "'");
    }
    return id;
  }

  private Optional<Compression> wanted() {
    Double share = keep;
    Integer width = bits;
    if (off ? share != null || width != null : share == null || width == null) {
      throw usage("give --keep and --bits, or --off alone");
    }
    return share == null || width == null
        ? Optional.empty()
        : Optional.of(new Compression(share, width));
  }

  private GrpcTrainingRuntime runtime() throws IOException {
    try {
      return new GrpcTrainingRuntime(coordinator, security.read(System.getenv()));
    } catch (IllegalArgumentException e) {
      throw usage("--coordinator: " + e.getMessage());
    }
  }

  private ParameterException usage(String problem) {
    return new ParameterException(spec.commandLine(), problem);
  }

  /**
   * Has it done under the term and epoch in force: a controller or a move that comes between ends
   * it. When the answer is lost, what the coordinator knows of the action tells.
   */
  private static MoveResult run(GrpcTrainingRuntime runtime, Change change) throws IOException {
    SplitTopology now = runtime.topology();
    long term = runtime.term(now.jobId());
    try {
      return runtime.setCompression(
          now.jobId(),
          change.action(),
          term,
          now.epoch(),
          change.link().from(),
          change.link().to(),
          change.wanted());
    } catch (IOException e) {
      return became(runtime, now, change.action(), e);
    }
  }

  private static MoveResult became(
      GrpcTrainingRuntime runtime, SplitTopology now, ActionId action, IOException lost)
      throws IOException {
    Optional<MoveResult> known;
    try {
      known = runtime.status(now.jobId(), action);
    } catch (IOException e) {
      throw new IOException(
          lost.getMessage()
              + "; whether it was taken is not known, ask again with --action "
              + action,
          lost);
    }
    return known.orElseThrow(() -> lost);
  }
}
