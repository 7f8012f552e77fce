package io.foresplit.app.library;

import io.foresplit.diagnoser.library.IndexedLibrary;
import io.foresplit.diagnoser.library.Passage;
import io.foresplit.diagnoser.library.Runbook;
import io.foresplit.diagnoser.library.Runbooks;
import io.foresplit.diagnoser.llm.embedding.BgeEmbedder;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a runbook, or looks for passages. Needs no service. */
@Command(
    name = "runbook",
    description = {
      "Print what to do about a cause, or the passages of runbooks that fit a description of",
      "trouble best. Needs no service; docs/runbooks.md says how to write one."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example: foresplit runbook uplink-fade",
      "         foresplit runbook --search \"the phone uploads too slowly\" --folder my-runbooks"
    })
public final class RunbookCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "CAUSE",
      description = "Cause, such as uplink-fade; or the name of a file of a folder, without .md.")
  private @Nullable String cause;

  @Option(
      names = "--search",
      paramLabel = "TEXT",
      description = "What is seen, in plain words, instead of a cause.")
  private @Nullable String text;

  @Option(
      names = "--most",
      paramLabel = "N",
      description = "Passages that are shown at most, ${DEFAULT-VALUE}.")
  private int most = 3;

  @Option(
      names = "--folder",
      paramLabel = "PATH",
      description = "Folder with more runbooks (*.md); may be repeated.")
  private List<Path> folders = new ArrayList<>();

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets spec
  RunbookCommand() {}

  @Override
  public Integer call() {
    for (Path folder : folders) {
      if (!Files.isDirectory(folder)) {
        throw wrong("--folder: no folder " + folder + "; give one with .md files in it");
      }
    }
    Runbooks runbooks = Runbooks.bundled().with(folders, this::note);
    if ((cause == null) == (text == null)) {
      throw wrong("give either --search TEXT, or one of " + String.join(", ", runbooks.subjects()));
    }
    if (text != null) {
      search(runbooks, text);
    } else if (cause != null) {
      print(runbooks, cause);
    }
    out().flush();
    return 0;
  }

  private void print(Runbooks runbooks, String asked) {
    String subject = asked.strip().toLowerCase(Locale.ROOT).replaceAll("[ _]+", "-");
    List<Runbook> about = runbooks.about(subject);
    if (about.isEmpty()) {
      throw wrong(
          "no runbook about '"
              + asked.replaceAll("\\p{Cntrl}", "?")
              + "'; there are "
              + String.join(", ", runbooks.subjects()));
    }
    for (int i = 0; i < about.size(); i++) {
      if (i > 0) {
        out().println("\n---- " + about.get(i).source() + "\n");
      }
      out().println(about.get(i).markdown().strip());
    }
  }

  private void search(Runbooks runbooks, String asked) {
    if (most < 1 || most > 100) {
      throw wrong("--most: expected a number from 1 to 100, was " + most);
    }
    try (IndexedLibrary library =
        new IndexedLibrary(runbooks::pages, BgeEmbedder::load, PATIENCE, InstantSource.system())) {
      List<Passage> passages = library.search(asked, most);
      if (passages.isEmpty()) {
        out().println("Nothing fits. Try other words, or: foresplit runbook CAUSE");
      }
      for (Passage passage : passages) {
        out()
            .printf(
                Locale.ROOT,
                "%s  (%s, %.2f)%n%n%s%n%n",
                passage.title(),
                passage.source(),
                passage.score(),
                passage.text());
      }
    }
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private void note(String line) {
    spec.commandLine().getErr().println("foresplit: note: " + line);
    spec.commandLine().getErr().flush();
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
