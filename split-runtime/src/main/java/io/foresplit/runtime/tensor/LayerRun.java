package io.foresplit.runtime.tensor;

/** A run of layers, both ends included. */
public record LayerRun(int first, int last) implements Comparable<LayerRun> {
  public LayerRun {
    if (first < 0 || last < first) {
      throw new IllegalArgumentException(
          "a run of layers must begin at 0 or later and not end before, was "
              + first
              + " to "
              + last);
    }
  }

  /** Whether a layer is in it. */
  public boolean has(int layer) {
    return layer >= first && layer <= last;
  }

  /** Whether any layer is in both. */
  public boolean overlaps(LayerRun other) {
    return first <= other.last && other.first <= last;
  }

  @Override
  public int compareTo(LayerRun other) {
    return first != other.first
        ? Integer.compare(first, other.first)
        : Integer.compare(last, other.last);
  }

  @Override
  public String toString() {
    return first == last ? Integer.toString(first) : first + "-" + last;
  }
}
