package io.foresplit.runtime;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LayerProfile;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.NodeSpec;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.runtime.coordinator.CoordinatorOptions;
import io.foresplit.runtime.coordinator.CoordinatorProcess;
import io.foresplit.runtime.coordinator.MovePolicy;
import io.foresplit.runtime.data.Dataset;
import io.foresplit.runtime.node.NodeEnvironment;
import io.foresplit.runtime.node.NodeOptions;
import io.foresplit.runtime.node.NodeProcess;
import io.foresplit.runtime.node.Pacer;
import io.foresplit.runtime.node.ScalingCompute;
import io.foresplit.runtime.tensor.Optimiser;
import io.foresplit.runtime.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A coordinator and three nodes in this JVM, over real gRPC on loopback, without tensors. */
final class Cluster implements AutoCloseable {
  static final NodeId DEVICE = new NodeId("device");
  static final NodeId EDGE = new NodeId("edge");
  static final NodeId CLOUD = new NodeId("cloud");
  static final List<NodeId> CHAIN = List.of(DEVICE, EDGE, CLOUD);
  static final JobId JOB = new JobId("toy");
  private static final int WIDTH = 8;
  private static final int LAYERS = 4;

  final List<SegmentReport> reports = new CopyOnWriteArrayList<>();
  final List<SplitTopology> announced = new CopyOnWriteArrayList<>();
  private final Path data;
  private final Setup setup;
  private final Map<NodeId, NodeProcess> nodes = new TreeMap<>();
  private final Set<NodeId> silent = ConcurrentHashMap.newKeySet();
  private CoordinatorProcess coordinator;
  private GrpcTrainingRuntime runtime;

  /** What a cluster trains, and how. */
  record Setup(
      JobSpec job,
      Placement initial,
      Optimiser optimiser,
      MovePolicy policy,
      Duration moveTimeout,
      Function<NodeId, NodeEnvironment.Computes> computes,
      NodeEnvironment.Datasets datasets,
      UnaryOperator<NodeOptions> options,
      UnaryOperator<CoordinatorOptions> coordinator) {
    Setup(
        JobSpec job,
        Placement initial,
        Optimiser optimiser,
        MovePolicy policy,
        Duration moveTimeout,
        Function<NodeId, NodeEnvironment.Computes> computes,
        NodeEnvironment.Datasets datasets,
        UnaryOperator<NodeOptions> options) {
      this(job, initial, optimiser, policy, moveTimeout, computes, datasets, options, o -> o);
    }

    Setup with(UnaryOperator<CoordinatorOptions> change) {
      return new Setup(
          job, initial, optimiser, policy, moveTimeout, computes, datasets, options, change);
    }

    static Setup toy(List<NodeId> refusing, UnaryOperator<NodeOptions> options) {
      return toy(Cluster.job(), cut(2, 3), WIDTH, refusing, options);
    }

    static Setup toy(
        JobSpec job,
        Placement initial,
        int width,
        List<NodeId> refusing,
        UnaryOperator<NodeOptions> options) {
      return new Setup(
          job,
          initial,
          new Optimiser.SgdMomentum(0.1, 0.9),
          MovePolicy.standard(),
          Duration.ofSeconds(10),
          node -> (any, optimiser, seed) -> new ScalingCompute(width, !refusing.contains(node)),
          (ignored, folder, seed) -> new Numbers(width),
          options);
    }
  }

  /** Starts with the device holding two layers, the edge one and the cloud one. */
  static Cluster start(Path data) throws IOException {
    return start(data, List.of(), options -> options);
  }

  /**
   * Starts a cluster.
   *
   * @param refusing nodes that find every layer state wrong
   */
  static Cluster start(Path data, List<NodeId> refusing, UnaryOperator<NodeOptions> options)
      throws IOException {
    return start(data, Setup.toy(refusing, options));
  }

  /**
   * Starts another job on the same chain.
   *
   * @param width of all activations, floats a sample
   */
  static Cluster start(
      Path data, JobSpec job, Placement initial, int width, UnaryOperator<NodeOptions> options)
      throws IOException {
    return start(data, Setup.toy(job, initial, width, List.of(), options));
  }

  /** Starts a cluster. */
  static Cluster start(Path data, Setup setup) throws IOException {
    Cluster cluster = new Cluster(data, setup);
    cluster.startCoordinator(0);
    for (NodeSpec spec : setup.job().participants()) {
      cluster.startNode(spec.id());
    }
    return cluster;
  }

  /** Starts a process of a node. */
  void startNode(NodeId node) throws IOException {
    Pacer parking = Pacer.parking(System::nanoTime);
    NodeEnvironment environment =
        new NodeEnvironment(
            InstantSource.system(),
            System::nanoTime,
            deadline -> {
              if (silent.contains(node) && Thread.currentThread().getName().equals("beats")) {
                parking.until(System.nanoTime() + TimeUnit.SECONDS.toNanos(3));
              }
              parking.until(deadline);
            },
            setup.computes().apply(node),
            setup.datasets(),
            sink());
    nodes.put(
        node,
        NodeProcess.start(
            setup.options().apply(NodeOptions.of(node, "127.0.0.1:" + coordinator.port())),
            environment));
  }

  /** Ends a process of a node as if it were killed. */
  void kill(NodeId node) {
    nodes.get(node).kill();
  }

  /** Has a node say nothing to the coordinator for some seconds; else it goes on as before. */
  void silence(NodeId node) {
    silent.add(node);
  }

  /** The last step of which a folder has replicas; 0 when it has none. */
  long filed(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".replica"))
          .mapToLong(name -> Long.parseLong(name.split("-", -1)[1]))
          .max()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }

  /** Waits until a process of a node has ended for a failure, and tells it. */
  Throwable endOf(NodeId node) throws InterruptedException {
    try {
      nodes.get(node).awaitTermination();
    } catch (IllegalStateException e) {
      return e;
    }
    throw new AssertionError("node " + node + " ended in order");
  }

  /** Waits until something is so. */
  TrainingProgress await(Predicate<TrainingProgress> wanted)
      throws IOException, InterruptedException {
    return await(wanted, 30);
  }

  /** Waits so many seconds at most until something is so. */
  TrainingProgress await(Predicate<TrainingProgress> wanted, int seconds)
      throws IOException, InterruptedException {
    long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    TrainingProgress progress;
    do {
      progress = runtime.progress(setup.job().id(), 0);
      if (wanted.test(progress)) {
        return progress;
      }
      boolean unused = new CountDownLatch(1).await(10, TimeUnit.MILLISECONDS);
    } while (System.nanoTime() < giveUp);
    throw new AssertionError("it was not so within " + seconds + " s: " + progress);
  }

  private Cluster(Path data, Setup setup) {
    this.data = data;
    this.setup = setup;
  }

  static JobSpec job() {
    return job(4 * WIDTH);
  }

  /**
   * The toy job.
   *
   * @param parameterBytes declared for each layer
   */
  static JobSpec job(long parameterBytes) {
    List<LayerProfile> layers = new ArrayList<>();
    for (int i = 0; i < LAYERS; i++) {
      layers.add(new LayerProfile("layer" + i, 0.0005, 0.001, 4 * WIDTH * 4, parameterBytes));
    }
    return new JobSpec(
        JOB,
        "scaling",
        4,
        Duration.ofMillis(100),
        layers,
        List.of(new NodeSpec(DEVICE, 1), new NodeSpec(EDGE, 2), new NodeSpec(CLOUD, 4)),
        List.of(
            new LinkSpec(DEVICE, EDGE, 1e6, 0.0005),
            new LinkSpec(EDGE, DEVICE, 1e6, 0.0005),
            new LinkSpec(EDGE, CLOUD, 4e6, 0.001),
            new LinkSpec(CLOUD, EDGE, 4e6, 0.001)),
        DEVICE,
        List.of(DEVICE, CLOUD),
        1,
        List.of());
  }

  static Placement cut(int afterDevice, int afterEdge) {
    return Placement.ofCuts(CHAIN, LAYERS, List.of(afterDevice, afterEdge));
  }

  void startCoordinator(int port) throws IOException {
    coordinator =
        CoordinatorProcess.start(
            setup
                .coordinator()
                .apply(
                    CoordinatorOptions.of(
                            setup.job(), setup.optimiser(), 5, setup.initial(), data, port)
                        .withMoveTimeout(setup.moveTimeout())
                        .withMovePolicy(setup.policy())),
            InstantSource.system(),
            System::nanoTime,
            new TopologySink() {
              @Override
              public void announce(SplitTopology topology) {
                announced.add(topology);
              }

              @Override
              public void close() {}
            });
    runtime = new GrpcTrainingRuntime("127.0.0.1:" + coordinator.port());
  }

  /** Ends the coordinator and starts it again where it was. */
  void restartCoordinator() throws IOException {
    startCoordinator(killCoordinator());
  }

  /** Ends the coordinator; tells the port it had. */
  int killCoordinator() {
    int port = coordinator.port();
    coordinator.close();
    runtime.close();
    return port;
  }

  /** Where a node listens. */
  String address(NodeId node) {
    return "127.0.0.1:" + nodes.get(node).port();
  }

  GrpcTrainingRuntime runtime() {
    return runtime;
  }

  /** Moves layers, once training is under way. */
  MoveResult move(String action, long term, long epoch, Placement target) throws IOException {
    MoveResult result;
    do {
      result = runtime.move(setup.job().id(), new ActionId(action), term, epoch, target);
    } while (result.detail().startsWith("training is not under way"));
    return result;
  }

  /** Waits until so many steps have been done, and tells all of them. */
  List<TrainingProgress.Step> awaitSteps(int steps) throws IOException, InterruptedException {
    long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (System.nanoTime() < giveUp) {
      TrainingProgress progress = runtime.progress(setup.job().id(), 0);
      if (progress.steps() >= steps) {
        return progress.log();
      }
      boolean unused = new CountDownLatch(1).await(20, TimeUnit.MILLISECONDS);
    }
    throw new AssertionError(
        steps + " steps were not done in 30 s: " + runtime.progress(setup.job().id(), 0));
  }

  /** Waits until the nodes have ended by themselves. */
  void awaitNodes() throws InterruptedException {
    for (NodeProcess node : nodes.values()) {
      node.awaitTermination();
    }
    coordinator.awaitTermination();
  }

  private ReportSink sink() {
    return new ReportSink() {
      @Override
      public void send(SegmentReport report) {
        reports.add(report);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void close() {
    runtime.close();
    nodes.values().forEach(NodeProcess::close);
    coordinator.close();
  }

  /** Samples that are functions of their index. */
  static final class Numbers implements Dataset {
    private final int width;

    Numbers(int width) {
      this.width = width;
    }

    @Override
    public String description() {
      return "numbers";
    }

    @Override
    public int size() {
      return 64;
    }

    @Override
    public Tensor batch(int[] indices) {
      float[] data = new float[indices.length * width];
      for (int i = 0; i < data.length; i++) {
        data[i] = (indices[i / width] * 7 + i % width * 3) % 11 / 11f;
      }
      return new Tensor(data, new long[] {indices.length, width});
    }

    @Override
    public int[] labels(int[] indices) {
      int[] labels = new int[indices.length];
      for (int i = 0; i < indices.length; i++) {
        labels[i] = indices[i] % 10;
      }
      return labels;
    }
  }
}
