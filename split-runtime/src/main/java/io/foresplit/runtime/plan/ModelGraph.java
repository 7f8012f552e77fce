package io.foresplit.runtime.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A model as a directed acyclic graph of layers with what each costs for one mini-batch. Immutable.
 *
 * @param layers in topological order: a layer names only earlier ones as its inputs
 */
public record ModelGraph(String name, List<Layer> layers) {
  /** More than any published profile has; planning time grows faster than linearly. */
  static final int MAX_LAYERS = 10_000;

  /** Longer than any mini-batch: three years. */
  static final double MAX_SECONDS = 1e8;

  public ModelGraph {
    layers = List.copyOf(layers);
    if (layers.isEmpty() || layers.size() > MAX_LAYERS) {
      throw new IllegalArgumentException(
          "a model must have 1 to " + MAX_LAYERS + " layers, had " + layers.size());
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      if (!names.add(layer.name())) {
        throw new IllegalArgumentException("layer " + layer.name() + " is there twice");
      }
      for (int input : layer.inputs()) {
        if (input < 0 || input >= i) {
          throw new IllegalArgumentException(
              "layer " + layer.name() + " must take its input from layers before it");
        }
      }
    }
  }

  /**
   * One layer.
   *
   * @param operation for people, such as {@code Conv2d(3, 64)}; may be empty
   * @param inputs indices of the layers whose output it takes, rising and without repetition
   * @param forwardSeconds of one mini-batch at speed 1
   * @param backwardSeconds backward pass and update of one mini-batch at speed 1
   * @param readsInput takes raw data, so it never leaves the first tier unless a pin says so
   * @param readsLabels computes a loss, so it stays where labels may be
   */
  public record Layer(
      String name,
      String operation,
      List<Integer> inputs,
      double forwardSeconds,
      double backwardSeconds,
      LayerBytes bytes,
      boolean readsInput,
      boolean readsLabels) {
    public Layer {
      inputs = inputs.stream().distinct().sorted().toList();
      if (name.isBlank()) {
        throw new IllegalArgumentException("a layer must have a name");
      }
      requireSeconds(name, "forwardSeconds", forwardSeconds);
      requireSeconds(name, "backwardSeconds", backwardSeconds);
    }

    /** The same layer with or without labels to read. */
    public Layer readingLabels(boolean reads) {
      return new Layer(
          name, operation, inputs, forwardSeconds, backwardSeconds, bytes, readsInput, reads);
    }

    /** Forward and backward pass of one mini-batch at speed 1. */
    public double seconds() {
      return forwardSeconds + backwardSeconds;
    }

    private static void requireSeconds(String layer, String what, double value) {
      if (!(value >= 0 && value <= MAX_SECONDS)) {
        throw new IllegalArgumentException(
            what + " of layer " + layer + " must be 0 to " + MAX_SECONDS + ", was " + value);
      }
    }
  }

  /** The layers that take the output of each layer, by index. */
  public List<List<Integer>> consumers() {
    List<List<Integer>> consumers = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      consumers.add(new ArrayList<>());
      for (int input : layers.get(i).inputs()) {
        consumers.get(input).add(i);
      }
    }
    return consumers;
  }

  /**
   * Whether each layer takes the output of the one before it, among others, so that every cut is
   * one between two neighbours.
   */
  public boolean ordered() {
    for (int i = 1; i < layers.size(); i++) {
      if (!layers.get(i).inputs().contains(i - 1)) {
        return false;
      }
    }
    return true;
  }

  /** Index of a layer. */
  public OptionalInt indexOf(String layer) {
    for (int i = 0; i < layers.size(); i++) {
      if (layers.get(i).name().equals(layer)) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  /** The same model, where the layers whose output nobody takes compute the loss. */
  ModelGraph withLabelsReadAtTheEnds() {
    List<List<Integer>> consumers = consumers();
    List<Layer> read = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      read.add(layers.get(i).readingLabels(consumers.get(i).isEmpty()));
    }
    return new ModelGraph(name, read);
  }
}
