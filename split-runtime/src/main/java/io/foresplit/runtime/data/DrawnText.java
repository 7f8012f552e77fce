package io.foresplit.runtime.data;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Text of a small seeded language: something to train on where there is no file. The seed decides
 * how often words follow each other; a stream is one endless text of the language, so what is held
 * out is another stream. Verbs agree with their subject in number, also across a phrase between
 * them, so that the past beyond the last word helps. Each text can have been drawn in one way only:
 * its surprise per character is what a perfect model would reach. Immutable.
 */
public final class DrawnText {
  /** Singular; the plural takes an s. */
  private static final List<String> NOUNS =
      List.of("node", "link", "layer", "segment", "queue", "server", "sensor", "tower");

  /** Plural; the singular takes an s. */
  private static final List<String> VERBS =
      List.of("send", "hold", "train", "watch", "cut", "move", "repair", "warn");

  private static final List<String> ADJECTIVES = List.of("slow", "small", "old", "busy");
  private static final List<String> PLACES = List.of("at night", "in turn", "by rail", "at last");

  private static final double PLURAL = 0.5;
  private static final double ADJECTIVE = 0.3;
  private static final double CLAUSE = 0.35;
  private static final double PLACE = 0.25;

  private final long seed;
  private final double[][] verbOfNoun;
  private final double[][] objectOfVerb;
  private final double[] subjects;
  private final double[] adjectives;
  private final double[] places;

  /**
   * @param seed of the language
   */
  public DrawnText(long seed) {
    this.seed = seed;
    SplittableRandom random = new SplittableRandom(seed);
    verbOfNoun = table(random, NOUNS.size(), VERBS.size());
    objectOfVerb = table(random, VERBS.size(), NOUNS.size());
    subjects = preferences(random, NOUNS.size());
    adjectives = preferences(random, ADJECTIVES.size());
    places = preferences(random, PLACES.size());
  }

  /**
   * A text and how surprising its choices are.
   *
   * @param natsPerCharacter mean of −ln p of the choices: the cross-entropy of the language itself
   */
  public record Text(String characters, double natsPerCharacter) {}

  /**
   * The beginning of a stream, whole sentences.
   *
   * @param characters least length
   */
  public Text text(int stream, int characters) {
    Writer writer = new Writer(new SplittableRandom(seed * 1_000_003 + stream));
    while (writer.text.length() < characters) {
      writer.sentence();
    }
    return new Text(writer.text.toString(), writer.nats / writer.text.length());
  }

  private static double[][] table(SplittableRandom random, int rows, int columns) {
    double[][] table = new double[rows][];
    for (int row = 0; row < rows; row++) {
      table[row] = preferences(random, columns);
    }
    return table;
  }

  /** Probabilities, some far larger than others. */
  private static double[] preferences(SplittableRandom random, int count) {
    double[] weights = new double[count];
    double sum = 0;
    for (int i = 0; i < count; i++) {
      weights[i] = Math.exp(4 * random.nextDouble());
      sum += weights[i];
    }
    for (int i = 0; i < count; i++) {
      weights[i] /= sum;
    }
    return weights;
  }

  /** Draws and counts surprise. */
  private final class Writer {
    private final SplittableRandom random;
    private final StringBuilder text = new StringBuilder();
    private double nats;

    Writer(SplittableRandom random) {
      this.random = random;
    }

    void sentence() {
      boolean plural = toss(PLURAL);
      int subject = subject(plural);
      if (toss(CLAUSE)) {
        text.append(" that");
        object(verb(subject, plural));
      }
      object(verb(subject, plural));
      if (toss(PLACE)) {
        text.append(' ').append(PLACES.get(choose(places)));
      }
      text.append(".\n");
    }

    private int subject(boolean plural) {
      return noun(plural, choose(subjects));
    }

    private void object(int verb) {
      text.append(' ');
      boolean plural = toss(PLURAL);
      int unused = noun(plural, choose(objectOfVerb[verb]));
    }

    private int noun(boolean plural, int noun) {
      text.append(plural ? "the" : "a");
      if (toss(ADJECTIVE)) {
        text.append(' ').append(ADJECTIVES.get(choose(adjectives)));
      }
      text.append(' ').append(NOUNS.get(noun)).append(plural ? "s" : "");
      return noun;
    }

    private int verb(int subject, boolean plural) {
      int verb = choose(verbOfNoun[subject]);
      text.append(' ').append(VERBS.get(verb)).append(plural ? "" : "s");
      return verb;
    }

    private boolean toss(double probability) {
      boolean happens = random.nextDouble() < probability;
      nats -= Math.log(happens ? probability : 1 - probability);
      return happens;
    }

    private int choose(double[] probabilities) {
      double left = random.nextDouble();
      int choice = 0;
      while (choice < probabilities.length - 1 && left >= probabilities[choice]) {
        left -= probabilities[choice++];
      }
      nats -= Math.log(probabilities[choice]);
      return choice;
    }
  }
}
