package io.foresplit.diagnoser.library;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** The runbooks that come with the program, and users' own. */
public final class Runbooks {
  private static final String FOLDER = "/io/foresplit/diagnoser/runbooks/";
  private static final int LONGEST_NAME = 80;

  /** One for every cause, see {@code RunbooksTest}. */
  private static final List<String> BUNDLED =
      List.of(
          "uplink-fade",
          "downlink-fade",
          "latency-rise",
          "node-slowdown",
          "node-loss",
          "label-drift",
          "feature-drift",
          "exploding-gradients",
          "stale-weights",
          "corrupted-activations");

  private final List<Runbook> all;

  private Runbooks(List<Runbook> all) {
    this.all = List.copyOf(all);
  }

  /** Those that come with the program. */
  public static Runbooks bundled() {
    return new Runbooks(
        BUNDLED.stream()
            .map(label -> new Runbook("runbook:" + label, label, text(label)))
            .toList());
  }

  private static String text(String label) {
    try (InputStream in = Runbooks.class.getResourceAsStream(FOLDER + label + ".md")) {
      if (in == null) {
        throw new IllegalStateException("the runbook of " + label + " is not in this build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * These and those of folders. A file named after a cause, or whose name begins with that and a
   * {@code -}, such as {@code uplink-fade-plant-2.md}, is about this cause; it does not replace
   * what is there.
   *
   * @param problem is told, one line each, what cannot be read; the rest is
   */
  public Runbooks with(List<Path> folders, Consumer<String> problem) {
    List<Runbook> runbooks = new ArrayList<>(all);
    Set<String> sources = new HashSet<>();
    for (Path folder : folders) {
      Path last = folder.toAbsolutePath().normalize().getFileName();
      String prefix =
          "runbook:" + PlainText.name(last == null ? "root" : last.toString(), LONGEST_NAME);
      for (RunbookFolder.Found found : RunbookFolder.read(folder, problem)) {
        String wanted = prefix + "/" + PlainText.name(found.name(), LONGEST_NAME);
        String source = wanted;
        for (int i = 2; !sources.add(source); i++) {
          source = wanted + "~" + i;
        }
        runbooks.add(new Runbook(source, subject(found.name()), found.markdown()));
      }
    }
    return new Runbooks(runbooks);
  }

  private static String subject(String name) {
    String plain = PlainText.name(name.toLowerCase(Locale.ROOT), LONGEST_NAME).replace('_', '-');
    return BUNDLED.stream()
        .filter(label -> plain.equals(label) || plain.startsWith(label + "-"))
        .max(Comparator.comparingInt(String::length))
        .orElse(plain);
  }

  /** Those about a cause, or with a name of their own, the program's first. */
  public List<Runbook> about(String subject) {
    return all.stream().filter(runbook -> runbook.subject().equals(subject)).toList();
  }

  /** What there are runbooks about, in alphabetical order. */
  public Set<String> subjects() {
    Set<String> subjects = new TreeSet<>();
    all.forEach(runbook -> subjects.add(runbook.subject()));
    return subjects;
  }

  /** All, cut by headings. */
  public List<Page> pages() {
    return all.stream().flatMap(runbook -> runbook.pages().stream()).toList();
  }
}
