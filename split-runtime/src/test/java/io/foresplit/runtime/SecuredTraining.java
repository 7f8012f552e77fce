package io.foresplit.runtime;

import io.foresplit.contract.NodeId;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SplitTopology;
import io.foresplit.runtime.coordinator.CoordinatorOptions;
import io.foresplit.runtime.coordinator.CoordinatorProcess;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.node.NodeEnvironment;
import io.foresplit.runtime.node.NodeOptions;
import io.foresplit.runtime.node.NodeProcess;
import io.foresplit.runtime.node.Pacer;
import io.foresplit.runtime.node.ScalingCompute;
import io.foresplit.runtime.security.GrpcSecurity;
import io.foresplit.runtime.security.PrivacyDeclaration;
import io.foresplit.runtime.tensor.Optimiser;
import io.foresplit.runtime.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The job of {@link Cluster}, with TLS, tokens and the nodes' own privacy declarations. */
final class SecuredTraining implements AutoCloseable {
  static final int WIDTH = 8;

  private final List<NodeProcess> nodes = new ArrayList<>();
  final CoordinatorProcess coordinator;
  final GrpcTrainingRuntime runtime;

  /**
   * Starts a coordinator alone.
   *
   * @param security of a process by its name
   */
  SecuredTraining(Path data, Function<String, GrpcSecurity> security) throws IOException {
    coordinator =
        CoordinatorProcess.start(
            CoordinatorOptions.of(
                    Cluster.job(),
                    new Optimiser.SgdMomentum(0.1, 0.9),
                    5,
                    Cluster.cut(2, 3),
                    data,
                    0)
                .withSecurity(security.apply(GrpcSecurity.COORDINATOR)),
            InstantSource.system(),
            System::nanoTime,
            noAnnouncements());
    runtime = new GrpcTrainingRuntime(address(), security.apply(GrpcSecurity.CONTROLLER));
  }

  String address() {
    return "127.0.0.1:" + coordinator.port();
  }

  NodeProcess startNode(NodeId node, GrpcSecurity security) throws IOException {
    NodeProcess started = NodeProcess.start(options(node, address(), security), environment());
    nodes.add(started);
    return started;
  }

  static NodeOptions options(NodeId node, String coordinator, GrpcSecurity security) {
    return NodeOptions.of(node, coordinator)
        .withSecurity(security)
        .withPrivacy(Optional.of(PrivacyDeclaration.of(Cluster.job())));
  }

  static NodeEnvironment environment() {
    return new NodeEnvironment(
        InstantSource.system(),
        System::nanoTime,
        Pacer.parking(System::nanoTime),
        (job, optimiser, seed) -> new ScalingCompute(WIDTH, true),
        (job, folder, seed) -> new Rows(),
        noReports());
  }

  /** Waits until so many steps more have been done. */
  void awaitMoreSteps(int steps) throws IOException, InterruptedException {
    long wanted = runtime.progress(Cluster.JOB, 0).steps() + steps;
    long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (runtime.progress(Cluster.JOB, wanted).steps() < wanted) {
      if (System.nanoTime() > giveUp) {
        throw new AssertionError(steps + " steps were not done in 60 s");
      }
      boolean unused = new CountDownLatch(1).await(20, TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public void close() {
    runtime.close();
    nodes.forEach(NodeProcess::close);
    coordinator.close();
  }

  private static TopologySink noAnnouncements() {
    return new TopologySink() {
      @Override
      public void announce(SplitTopology topology) {}

      @Override
      public void close() {}
    };
  }

  private static ReportSink noReports() {
    return new ReportSink() {
      @Override
      public void send(SegmentReport report) {}

      @Override
      public void close() {}
    };
  }

  /** Samples that are functions of their index. */
  static final class Rows implements Dataset {
    @Override
    public String description() {
      return "rows";
    }

    @Override
    public int size() {
      return 64;
    }

    @Override
    public Tensor batch(int[] indices) {
      float[] data = new float[indices.length * WIDTH];
      for (int i = 0; i < data.length; i++) {
        data[i] = (indices[i / WIDTH] * 7 + i % WIDTH * 3) % 11 / 11f;
      }
      return new Tensor(data, new long[] {indices.length, WIDTH});
    }

    @Override
    public int[] labels(int[] indices) {
      int[] labels = new int[indices.length];
      for (int i = 0; i < indices.length; i++) {
        if (indices[i] < 0 || indices[i] >= size()) {
          throw new IllegalArgumentException("no sample " + indices[i]);
        }
        labels[i] = indices[i] % 10;
      }
      return labels;
    }
  }
}
