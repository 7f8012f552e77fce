package io.foresplit.bench.data;

import io.foresplit.runtime.plan.LayerBytes;
import io.foresplit.runtime.plan.ModelGraph;
import io.foresplit.runtime.plan.ModelGraph.Layer;
import java.util.ArrayList;
import java.util.List;

/**
 * A model with the chain it is when it is cut only at its narrow places, where one tensor alone
 * crosses from all layers before to all layers after (derived). Tensors without bytes do not count.
 *
 * @param graph as profiled
 * @param blocks the same with the layers between two narrow places as one
 * @param blockOfLayer by layer of the graph
 */
public record ChainModel(ModelGraph graph, ModelGraph blocks, List<Integer> blockOfLayer) {
  public ChainModel {
    blockOfLayer = List.copyOf(blockOfLayer);
  }

  /** The chain of a model; of one block when the model is narrow nowhere. */
  public static ChainModel of(ModelGraph graph) {
    int layers = graph.layers().size();
    List<List<Integer>> consumers = graph.consumers();
    int[] lastUse = new int[layers];
    for (int v = 0; v < layers; v++) {
      int layer = v;
      lastUse[v] = consumers.get(v).stream().mapToInt(Integer::intValue).max().orElse(layer);
    }
    List<Layer> blocks = new ArrayList<>();
    List<Integer> blockOfLayer = new ArrayList<>();
    int first = 0;
    for (int v = 0; v < layers; v++) {
      blockOfLayer.add(blocks.size());
      int crossing = -1;
      int count = 0;
      for (int u = 0; u <= v; u++) {
        LayerBytes bytes = graph.layers().get(u).bytes();
        if (lastUse[u] > v && bytes.output() + bytes.gradient() > 0) {
          crossing = u;
          count++;
        }
      }
      if (count == 1 || v == layers - 1) {
        LayerBytes out = graph.layers().get(Math.max(crossing, 0)).bytes();
        blocks.add(block(graph.layers().subList(first, v + 1), blocks.size(), out));
        first = v + 1;
      }
    }
    return new ChainModel(graph, new ModelGraph(graph.name(), blocks), blockOfLayer);
  }

  private static Layer block(List<Layer> layers, int index, LayerBytes out) {
    return new Layer(
        "block" + index,
        layers.get(0).operation(),
        index == 0 ? List.of() : List.of(index - 1),
        layers.stream().mapToDouble(Layer::forwardSeconds).sum(),
        layers.stream().mapToDouble(Layer::backwardSeconds).sum(),
        new LayerBytes(
            out.output(),
            out.gradient(),
            layers.stream().mapToLong(l -> l.bytes().parameters()).sum(),
            layers.stream().mapToLong(l -> l.bytes().optimiser()).sum(),
            layers.stream().mapToLong(l -> l.bytes().activation()).sum()),
        layers.stream().anyMatch(Layer::readsInput),
        layers.stream().anyMatch(Layer::readsLabels));
  }

  /** Blocks that cannot leave the data owner, for one of them or of those after reads raw data. */
  public int ownerBlocks() {
    int owner = 1;
    for (int block = 0; block < blocks.layers().size(); block++) {
      if (blocks.layers().get(block).readsInput()) {
        owner = block + 1;
      }
    }
    return owner;
  }

  /** Tiers of layers from tiers of blocks. */
  public List<Integer> expand(List<Integer> tierOfBlock) {
    return blockOfLayer.stream().map(tierOfBlock::get).toList();
  }
}
