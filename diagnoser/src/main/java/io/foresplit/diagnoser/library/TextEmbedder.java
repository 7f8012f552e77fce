package io.foresplit.diagnoser.library;

/** Turns text into a vector of length 1, so that like meaning has like direction. One thread. */
public interface TextEmbedder extends AutoCloseable {
  /** The vector of a text that may be found. */
  float[] ofPassage(String text);

  /** The vector of a question. */
  float[] ofQuery(String text);

  @Override
  void close();

  /** Loads one; that may take seconds. */
  @FunctionalInterface
  interface Source {
    /** Throws when there can be none on this machine, saying why in one line. */
    TextEmbedder load() throws EmbedderUnavailableException;
  }
}
