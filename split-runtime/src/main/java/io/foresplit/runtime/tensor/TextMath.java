package io.foresplit.runtime.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Activation;
import ai.djl.nn.norm.LayerNorm;
import java.util.Map;

/** The forward function of the layers of a transformer. Results belong to the input's manager. */
final class TextMath {
  /** What a position that must not be seen adds to its score: its share becomes exactly 0. */
  private static final float UNSEEN = -1e9f;

  private TextMath() {}

  /**
   * @param input batch × positions, and × width but for the embedding
   * @param p parameters by name
   */
  static NDArray forward(TextLayer layer, NDArray input, Map<String, NDArray> p) {
    if (layer instanceof TextLayer.Embedding) {
      NDArray symbols = input.toType(DataType.INT64, false);
      return ai.djl.nn.core.Embedding.embedding(symbols, p.get("symbol"), SparseFormat.DENSE)
          .singletonOrThrow()
          .add(p.get("position"));
    }
    if (layer instanceof TextLayer.Block block) {
      NDArray seen = input.add(attention(block, normalise(input, p, "norm1."), p));
      NDArray inner = LayerMath.linear(normalise(seen, p, "norm2."), p, "inner.");
      return seen.add(LayerMath.linear(Activation.gelu(inner), p, "outer."));
    }
    if (layer instanceof TextLayer.Head) {
      return LayerMath.linear(normalise(input, p, "norm."), p, "");
    }
    throw new IllegalArgumentException("no forward function for " + layer);
  }

  /** {@code softmax(q·kᵀ / √d + mask)·v} for each head (Vaswani et al., 2017, equation 1). */
  private static NDArray attention(TextLayer.Block block, NDArray x, Map<String, NDArray> p) {
    long batch = x.getShape().get(0);
    int positions = block.positions();
    int width = block.input().length(-1);
    int size = width / block.heads();
    NDList parts = LayerMath.linear(x, p, "attention.").split(3, 2);
    Shape byHead = new Shape(batch, positions, block.heads(), size);
    NDArray query = parts.get(0).reshape(byHead).transpose(0, 2, 1, 3);
    NDArray keys = parts.get(1).reshape(byHead).transpose(0, 2, 3, 1);
    NDArray values = parts.get(2).reshape(byHead).transpose(0, 2, 1, 3);
    // an array of the step: the engine frees that of a plain number before the backward pass is
    // done
    NDArray scale = x.getManager().create((float) (1 / Math.sqrt(size)));
    NDArray scores = query.matMul(keys).mul(scale);
    NDArray mask = x.getManager().create(future(positions), new Shape(positions, positions));
    NDArray joined = scores.add(mask).softmax(-1).matMul(values).transpose(0, 2, 1, 3);
    return LayerMath.linear(joined.reshape(batch, positions, width), p, "joined.");
  }

  /** A position sees itself and those before it. */
  private static float[] future(int positions) {
    float[] mask = new float[positions * positions];
    for (int from = 0; from < positions; from++) {
      for (int to = from + 1; to < positions; to++) {
        mask[from * positions + to] = UNSEEN;
      }
    }
    return mask;
  }

  private static NDArray normalise(NDArray x, Map<String, NDArray> p, String prefix) {
    Shape width = new Shape(x.getShape().get(2));
    return LayerNorm.layerNorm(
            x, width, p.get(prefix + "scale"), p.get(prefix + "bias"), LayerMath.NORM_EPSILON)
        .singletonOrThrow();
  }
}
