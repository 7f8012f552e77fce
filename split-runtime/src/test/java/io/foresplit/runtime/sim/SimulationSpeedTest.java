package io.foresplit.runtime.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.runtime.fault.DemoJob;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How much faster than real time a chain is simulated; see docs/simulation.md for the command. */
@EnabledIfSystemProperty(named = "foresplit.speed", matches = ".+")
class SimulationSpeedTest {
  private static final Logger LOG = LoggerFactory.getLogger(SimulationSpeedTest.class);
  private static final int VIRTUAL_SECONDS = 20_000;

  @ParameterizedTest
  @ValueSource(ints = {3, 5, 7, 9})
  void printsTheRatio(int nodes) {
    Simulation simulation = Simulation.of(chain(nodes), spread(nodes), 1);
    Taken cold = run(simulation);
    Taken warm = run(simulation);
    for (int i = 0; i < 2; i++) {
      Taken next = run(simulation);
      warm = next.processor() < warm.processor() ? next : warm;
    }
    LOG.info(
        String.format(
            Locale.ROOT,
            "%d segments, %d s: cold %.2f s, warm %.2f s of which %.2f s on the processor: %.0f"
                + " times faster than real time, %.0f by processor time",
            nodes,
            VIRTUAL_SECONDS,
            cold.wall(),
            warm.wall(),
            warm.processor(),
            VIRTUAL_SECONDS / warm.wall(),
            VIRTUAL_SECONDS / warm.processor()));
    assertThat(warm.wall()).isPositive();
  }

  /** Seconds a run took, waiting for the processor included and not. */
  private record Taken(double wall, double processor) {}

  private static Taken run(Simulation simulation) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long start = System.nanoTime();
    long processor = threads.getCurrentThreadCpuTime();
    SimulatedRuntime runtime = new SimulatedRuntime(simulation);
    int reports = 0;
    while (runtime.nowSeconds() < VIRTUAL_SECONDS) {
      reports += runtime.nextInterval().reports().size();
    }
    assertThat(reports).isPositive();
    return new Taken(
        (System.nanoTime() - start) / 1e9, (threads.getCurrentThreadCpuTime() - processor) / 1e9);
  }

  /** The demo's job over more nodes: as many layers as nodes, the demo's work spread over them. */
  static JobSpec chain(int nodes) {
    JobSpec demo = DemoJob.JOB;
    List<NodeSpec> specs = new ArrayList<>();
    List<LinkSpec> links = new ArrayList<>();
    List<LayerProfile> layers = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      specs.add(new NodeSpec(new NodeId("n" + i), 0.5 + 0.1 * i));
      layers.add(new LayerProfile("layer" + i, 0.027 / nodes, 0.054 / nodes, 51_200, 40_000));
      if (i > 0) {
        links.add(new LinkSpec(specs.get(i - 1).id(), specs.get(i).id(), 6e6, 0.002));
        links.add(new LinkSpec(specs.get(i).id(), specs.get(i - 1).id(), 12e6, 0.002));
      }
    }
    return new JobSpec(
        new JobId("chain"),
        demo.model(),
        demo.batchSize(),
        demo.interval(),
        layers,
        specs,
        links,
        specs.get(0).id(),
        List.of(specs.get(nodes - 1).id()),
        1,
        List.of());
  }

  /** One layer a node. */
  static Placement spread(int nodes) {
    return new Placement(IntStream.range(0, nodes).mapToObj(i -> new NodeId("n" + i)).toList());
  }
}
