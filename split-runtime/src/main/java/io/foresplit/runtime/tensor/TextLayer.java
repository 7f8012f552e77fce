package io.foresplit.runtime.tensor;

import java.util.List;

/**
 * A layer of a decoder-only transformer (Vaswani et al., 2017, with normalisation before each part
 * as in GPT-2: Radford et al., 2019). A sample is a run of positions. Immutable.
 */
public sealed interface TextLayer extends LayerDefinition {
  /**
   * Symbols of the models that come with the program: 95 printable characters of ASCII, the end of
   * a line, and one symbol for all others.
   */
  int CHARACTERS = 97;

  /** Initial spread of weights, as in GPT-2. */
  double SPREAD = 0.02;

  /** How many positions a sample has. */
  default int positions() {
    return input().length(0);
  }

  /**
   * Learnt vector of each symbol plus learnt vector of its position. Input are symbols as numbers.
   */
  record Embedding(String name, SampleShape input, int vocabulary, int width) implements TextLayer {
    @Override
    public void check(Tensor batch) {
      TextLayer.super.check(batch);
      for (float symbol : batch.data()) {
        if (!(symbol >= 0 && symbol < vocabulary && symbol == (int) symbol)) {
          throw new IllegalArgumentException(
              "layer "
                  + name
                  + " takes symbols 0 to "
                  + (vocabulary - 1)
                  + " in whole numbers, was "
                  + symbol);
        }
      }
    }

    @Override
    public SampleShape output() {
      return SampleShape.of(positions(), width);
    }

    @Override
    public double forwardFlops() {
      return output().elements();
    }

    @Override
    public List<Parameter> parameters() {
      return List.of(
          Parameter.normal("symbol", SPREAD, vocabulary, width),
          Parameter.normal("position", SPREAD, positions(), width));
    }
  }

  /**
   * {@code x += attention(norm(x)); x += mlp(norm(x))}: causal self-attention of several heads, and
   * two dense layers, the inner four times as wide, with GELU between.
   *
   * @param depth blocks of the whole model; what a block adds starts the smaller, the more there
   *     are
   */
  record Block(String name, SampleShape input, int heads, int depth) implements TextLayer {
    static final int WIDENING = 4;

    public Block {
      if (heads < 1 || input.length(-1) % heads != 0) {
        throw new IllegalArgumentException(
            "heads must divide the width " + input.length(-1) + ", was " + heads);
      }
    }

    @Override
    public SampleShape output() {
      return input;
    }

    @Override
    public double forwardFlops() {
      double width = input.length(-1);
      double dense = 2 * width * width * (3 + 1 + 2 * WIDENING);
      double attention = 2 * 2 * width * positions();
      return positions() * (dense + attention);
    }

    @Override
    public List<Parameter> parameters() {
      int width = input.length(-1);
      int inner = WIDENING * width;
      double residual = SPREAD / Math.sqrt(2.0 * depth);
      return List.of(
          Parameter.scale("norm1.scale", width),
          Parameter.bias("norm1.bias", width),
          Parameter.normal("attention.weight", SPREAD, 3L * width, width),
          Parameter.bias("attention.bias", 3L * width),
          Parameter.normal("joined.weight", residual, width, width),
          Parameter.bias("joined.bias", width),
          Parameter.scale("norm2.scale", width),
          Parameter.bias("norm2.bias", width),
          Parameter.normal("inner.weight", SPREAD, inner, width),
          Parameter.bias("inner.bias", inner),
          Parameter.normal("outer.weight", residual, width, inner),
          Parameter.bias("outer.bias", width));
    }
  }

  /** Normalisation, then the logits of the next symbol at each position. */
  record Head(String name, SampleShape input, int vocabulary) implements TextLayer {
    @Override
    public SampleShape output() {
      return SampleShape.of(positions(), vocabulary);
    }

    @Override
    public double forwardFlops() {
      return 2.0 * input.elements() * vocabulary;
    }

    @Override
    public List<Parameter> parameters() {
      int width = input.length(-1);
      return List.of(
          Parameter.scale("norm.scale", width),
          Parameter.bias("norm.bias", width),
          Parameter.normal("weight", SPREAD, vocabulary, width),
          Parameter.bias("bias", vocabulary));
    }
  }
}
