package io.foresplit.runtime.fault;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a fault does at each moment. Pure and thread-safe; times are seconds since the start of the
 * job. Only nodes and the program that starts them may know it.
 *
 * <p>A link's rate falls and a node's slowdown or contention rises evenly on a logarithmic scale
 * over the ramp, the share of drifted labels evenly; each then stays.
 */
public record FaultSchedule(FaultSpec fault) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Nothing happens. */
  public static FaultSchedule none() {
    return new FaultSchedule(FaultSpec.none());
  }

  public static FaultSchedule of(FaultSpec fault) {
    return new FaultSchedule(fault);
  }

  /** What the rate of a directed link is multiplied by: 1 when healthy, 1/size at last. */
  public double linkRateFactor(ComponentId link, double t) {
    return strikes(FaultKind.UPLINK_FADE, link) ? Math.pow(fault.size(), -progress(t)) : 1;
  }

  /** One-way delay on top of the link's own. A fade takes rate alone, so no kind adds any. */
  public double extraDelaySeconds(ComponentId link, double t) {
    return 0;
  }

  /** What the declared compute time of a node is multiplied by: 1 when healthy, size at last. */
  public double slowdown(NodeId node, double t) {
    return strikes(FaultKind.NODE_SLOWDOWN, ComponentId.of(node))
        ? Math.pow(fault.size(), progress(t))
        : 1;
  }

  /** Whether threads are ever to compete with the compute of a node. */
  public boolean contends(NodeId node) {
    return strikes(FaultKind.CONTENTION, ComponentId.of(node));
  }

  /**
   * How much competing threads are to slow a thread of a node that always computes: 1 when healthy,
   * size at last.
   */
  public double contention(NodeId node, double t) {
    return contends(node) ? Math.pow(fault.size(), progress(t)) : 1;
  }

  /** Share of the samples whose labels are wrong. */
  public double labelDriftShare(double t) {
    return fault.kind() == FaultKind.LABEL_DRIFT ? fault.size() * progress(t) : 0;
  }

  /**
   * The label a sample has at a moment. Once a sample has drifted it stays so. A drifted sample's
   * label is turned by a derangement of the classes (a rotation) that the seed draws for the
   * sample: one derangement for all could be learnt within the ramp, and the loss would hardly
   * rise.
   *
   * @param index of the sample in the data set
   * @param label true label, 0 to {@code classes} - 1
   */
  public int driftedLabel(int index, int label, int classes, double t) {
    long bits = mix(fault.seed() + 0x9E3779B97F4A7C15L * (index + 1L));
    if ((bits >>> 11) * 0x1.0p-53 >= labelDriftShare(t)) {
      return label;
    }
    return (label + 1 + (int) Long.remainderUnsigned(mix(bits), classes - 1)) % classes;
  }

  /** True conditions at a moment, the links at their nominal rates but for the fault. */
  public Conditions conditionsAt(JobSpec job, double t) {
    Map<ComponentId, LinkCondition> links = new TreeMap<>();
    for (LinkSpec link : job.links()) {
      links.put(
          link.id(),
          new LinkCondition(
              link.bytesPerSecond() * linkRateFactor(link.id(), t),
              link.delaySeconds() + extraDelaySeconds(link.id(), t)));
    }
    Map<NodeId, Double> slowdowns = new TreeMap<>();
    for (NodeSpec node : job.participants()) {
      slowdowns.put(node.id(), slowdown(node.id(), t) * contention(node.id(), t));
    }
    return new Conditions(links, slowdowns);
  }

  /** True conditions once the fault has its full size. */
  public Conditions finalConditions(JobSpec job) {
    return conditionsAt(job, fault.fullSeconds());
  }

  /** Writes the schedule as one JSON object, for {@link #read}. */
  public void write(Path file) throws IOException {
    ObjectNode node =
        JSON.createObjectNode()
            .put("kind", fault.kind().label())
            .put("component", fault.component().value())
            .put("onsetSeconds", fault.onsetSeconds())
            .put("rampSeconds", fault.rampSeconds())
            .put("size", fault.size())
            .put("seed", fault.seed());
    Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(node) + "\n");
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException naming the file and the field, when it is not such a file
   */
  public static FaultSchedule read(Path file) throws IOException {
    String text = Files.readString(file);
    try {
      JsonNode node = JSON.readTree(text);
      return of(
          new FaultSpec(
              FaultKind.ofLabel(field(node, "kind").asText()),
              new ComponentId(field(node, "component").asText()),
              number(node, "onsetSeconds"),
              number(node, "rampSeconds"),
              number(node, "size"),
              field(node, "seed").asLong()));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "fault file " + file + " is not JSON: " + e.getOriginalMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("fault file " + file + ": " + e.getMessage(), e);
    }
  }

  private static double number(JsonNode node, String name) {
    JsonNode value = field(node, name);
    if (!value.isNumber()) {
      throw new IllegalArgumentException("'" + name + "' must be a number, was " + value);
    }
    return value.asDouble();
  }

  private static JsonNode field(JsonNode node, String name) {
    JsonNode value = node.get(name);
    if (value == null) {
      throw new IllegalArgumentException("'" + name + "' is missing");
    }
    return value;
  }

  private boolean strikes(FaultKind kind, ComponentId component) {
    return fault.kind() == kind && fault.component().equals(component);
  }

  /** 0 before the onset, 1 from the end of the ramp. */
  private double progress(double t) {
    if (t < fault.onsetSeconds()) {
      return 0;
    }
    return t >= fault.fullSeconds() ? 1 : (t - fault.onsetSeconds()) / fault.rampSeconds();
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood, 2014). */
  private static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
