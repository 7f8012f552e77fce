package io.foresplit.diagnoser.chat;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.SplitTopology;
import io.foresplit.diagnoser.chat.Proposal.CutAfter;
import io.foresplit.diagnoser.chat.Proposal.RunOn;
import io.foresplit.diagnoser.chat.Proposal.Stay;
import io.foresplit.diagnoser.chat.Proposal.Unclear;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Recognises what-ifs: cuts after layers, layers on a node, nothing done. Pure. */
final class ProposalReader {
  private static final String LAYER = "(-?[a-z0-9][a-z0-9._-]*)";
  private static final Pattern WHAT_IF =
      Pattern.compile("\\bif\\b|\\bwould\\b|\\bcut\\b|\\bsplit\\b");
  private static final Pattern UNCLEAR =
      Pattern.compile(
          "\\bwhat\\s+if\\b|\\bhappens?\\s+if\\b|\\b(better|best)\\s+(cut|placement)\\b");
  private static final Pattern STAY =
      Pattern.compile("\\b(nothing|no action|stay|stays|stayed|as it (is|was))\\b");
  private static final Pattern CUT =
      Pattern.compile("\\b(?:after|behind|at)\\s+(?:the\\s+)?(layers?\\s+)?" + LAYER);
  private static final Pattern AND_CUT =
      Pattern.compile(
          "\\G\\s*(?:,\\s*and\\b|,|\\band\\b|&)\\s*(?:after\\s+|behind\\s+|at\\s+)?(?:the\\s+)?"
              + "(?:layers?\\s+)?"
              + LAYER);
  private static final Pattern RUN =
      Pattern.compile(
          "\\blayers?\\s+"
              + LAYER
              + "(?:\\s*(?:\\bto\\b|\\bthrough\\b|\\band\\b|,|-)\\s*"
              + LAYER
              + ")?");
  private static final Pattern ALL =
      Pattern.compile("\\b(everything|all (the )?layers|(the )?(whole|entire) model)\\b");
  private static final Pattern RANGE = Pattern.compile("(\\d{1,9})-(\\d{1,9})");
  private static final Pattern ON = Pattern.compile("\\b(on|onto|to|at)\\b");
  private static final Pattern NUMBER_ALONE =
      Pattern.compile("^\\W*(?:and|or|what about)?\\s*(?:layer\\s+)?(\\d{1,9})\\W*$");

  private final List<String> layers;

  ProposalReader(IncidentFacts facts) {
    layers =
        facts.topology().map(SplitTopology::job).stream()
            .flatMap(job -> job.layers().stream())
            .map(LayerProfile::name)
            .map(name -> name.toLowerCase(Locale.ROOT))
            .toList();
  }

  /**
   * @param text in lower case
   * @param before what the question before it proposed
   * @param named a component that the question names
   */
  Optional<Proposal> read(String text, @Nullable Proposal before, Optional<ComponentId> named) {
    if (before == null && !WHAT_IF.matcher(text).find() && !UNCLEAR.matcher(text).find()) {
      return Optional.empty();
    }
    Optional<NodeId> node = named.filter(c -> !c.isLink()).map(ComponentId::from);
    Optional<Proposal> found =
        cut(text)
            .or(() -> run(text, node))
            .or(() -> alone(text))
            .or(() -> again(before, text, node));
    if (found.isPresent()) {
      return found;
    }
    if (WHAT_IF.matcher(text).find() && STAY.matcher(text).find()) {
      return Optional.of(new Stay());
    }
    return UNCLEAR.matcher(text).find() ? Optional.of(new Unclear()) : Optional.empty();
  }

  private Optional<Proposal> cut(String text) {
    Matcher cut = CUT.matcher(text);
    while (cut.find()) {
      OptionalInt layer = layer(cut.group(2));
      if (layer.isEmpty() && cut.group(1) == null) {
        continue;
      }
      List<Integer> after = new ArrayList<>(List.of(layer.orElse(-1)));
      Matcher more = AND_CUT.matcher(text).region(cut.end(), text.length());
      while (more.find() && layer(more.group(1)).isPresent()) {
        after.add(layer(more.group(1)).getAsInt());
      }
      return Optional.of(new CutAfter(after));
    }
    return Optional.empty();
  }

  private Optional<Proposal> run(String text, Optional<NodeId> node) {
    if (!ON.matcher(text).find()) {
      return Optional.empty();
    }
    if (ALL.matcher(text).find()) {
      return Optional.of(new RunOn(0, layers.size() - 1, node));
    }
    Matcher run = RUN.matcher(text);
    if (!run.find()) {
      return Optional.empty();
    }
    Matcher range = RANGE.matcher(run.group(1));
    if (range.matches()) {
      return Optional.of(
          new RunOn(layer(range.group(1)).orElse(-1), layer(range.group(2)).orElse(-1), node));
    }
    int first = layer(run.group(1)).orElse(-1);
    int last = run.group(2) == null ? first : layer(run.group(2)).orElse(first);
    return Optional.of(new RunOn(first, last, node));
  }

  private static Optional<Proposal> alone(String text) {
    Matcher number = NUMBER_ALONE.matcher(text);
    return number.matches()
        ? Optional.of(new CutAfter(List.of(Integer.parseInt(number.group(1)))))
        : Optional.empty();
  }

  /** The same layers on another node, or the same again under conditions that are all told. */
  private static Optional<Proposal> again(
      @Nullable Proposal before, String text, Optional<NodeId> node) {
    if (before instanceof RunOn run && node.isPresent() && ON.matcher(text).find()) {
      return Optional.of(new RunOn(run.first(), run.last(), node));
    }
    boolean conditions = text.contains("conditions") || text.contains("healthy");
    return before != null && conditions ? Optional.of(before) : Optional.empty();
  }

  /** A layer by its number or name. */
  private OptionalInt layer(String text) {
    String name = text.replaceAll("[._-]+$", "");
    if (layers.contains(name)) {
      return OptionalInt.of(layers.indexOf(name));
    }
    if (name.matches("-\\d{1,9}")) {
      return OptionalInt.of(-1);
    }
    return name.matches("\\d{1,9}") ? OptionalInt.of(Integer.parseInt(name)) : OptionalInt.empty();
  }
}
