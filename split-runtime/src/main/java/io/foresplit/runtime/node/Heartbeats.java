package io.foresplit.runtime.node;

import io.foresplit.runtime.Rpc;
import io.foresplit.runtime.proto.BeatRequest;
import io.foresplit.runtime.proto.BeatResponse;
import io.foresplit.runtime.proto.TrainingCoordinatorGrpc.TrainingCoordinatorBlockingStub;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the coordinator every interval that the node is there, what it keeps and how steps went.
 * Begins as soon as the process is registered, by a thread of its own: neither a data set that is
 * read nor a model that is built holds a heartbeat up, and all that one takes has been loaded
 * before training counts on the node. Thread-safe.
 */
final class Heartbeats implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Heartbeats.class);
  private static final int BEATS_A_CALL = 3;
  private static final int LOG_LIMIT = 1_000;

  private final NodeOptions options;
  private final NodeEnvironment environment;
  private final String incarnation;
  private final TrainingCoordinatorBlockingStub coordinator;
  private final Registration registration;
  private final Consumer<Throwable> fatal;
  private final Thread thread = new Thread(this::run, "beats");
  private volatile Duration interval = Duration.ZERO;
  private volatile @Nullable NodeAgent agent;
  private volatile boolean closed;

  // of the thread
  private long nextStep;

  /** Registers the process with a coordinator that does not know it. */
  @FunctionalInterface
  interface Registration {
    /**
     * Again.
     *
     * @param begun whether training has begun on this node
     * @param halted whether the node waits to be restored
     */
    void again(boolean begun, boolean halted);
  }

  /**
   * None yet.
   *
   * @param incarnation of this process
   * @param fatal told when the process is to end: the coordinator refuses it, or is gone for good
   */
  Heartbeats(
      NodeOptions options,
      NodeEnvironment environment,
      String incarnation,
      TrainingCoordinatorBlockingStub coordinator,
      Registration registration,
      Consumer<Throwable> fatal) {
    this.options = options;
    this.environment = environment;
    this.incarnation = incarnation;
    this.coordinator = coordinator;
    this.registration = registration;
    this.fatal = fatal;
    thread.setDaemon(true);
  }

  /** The process is registered: the first heartbeat goes at once. */
  void start(Duration every) {
    interval = every;
    thread.start();
  }

  /** The node is built: from now on heartbeats tell what it keeps, and of its steps. */
  void of(NodeAgent built) {
    agent = built;
  }

  private void run() {
    LongSupplier nanoTime = environment.nanoTime();
    long lastContact = nanoTime.getAsLong();
    long next = lastContact;
    try {
      while (!closed) {
        environment.pacer().until(next);
        try {
          beat();
          lastContact = nanoTime.getAsLong();
        } catch (StatusRuntimeException e) {
          if (e.getStatus().getCode() == Status.Code.FAILED_PRECONDITION) {
            fatal.accept(new IllegalStateException(Rpc.describe(e), e));
            return;
          }
          long silence = nanoTime.getAsLong() - lastContact;
          LOG.debug("the coordinator does not answer: {}", Rpc.describe(e));
          if (silence > options.patience().toNanos()) {
            fatal.accept(gone(silence, e));
            return;
          }
        }
        next = Math.max(next + interval.toNanos(), nanoTime.getAsLong());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void beat() {
    Optional<NodeAgent> built = Optional.ofNullable(agent);
    BeatRequest.Builder request =
        BeatRequest.newBuilder()
            .setNode(options.node().value())
            .setIncarnation(incarnation)
            .setLogSince(nextStep);
    built.ifPresent(
        node -> request.addAllLog(node.steps(nextStep, LOG_LIMIT)).addAllHeld(node.held()));
    BeatResponse response =
        coordinator
            .withDeadlineAfter(BEATS_A_CALL * interval.toNanos(), TimeUnit.NANOSECONDS)
            .beat(request.build());
    nextStep = response.getNextStep();
    built.ifPresent(node -> node.recoveryPoint(response.getRecoveryPoint()));
    if (!response.getKnown()) {
      registration.again(
          built.map(NodeAgent::begun).orElse(false), built.map(NodeAgent::halted).orElse(false));
      LOG.info("node {} is registered again", options.node());
    }
  }

  private IllegalStateException gone(long silence, StatusRuntimeException last) {
    return new IllegalStateException(
        "no coordinator at "
            + options.coordinator()
            + " for "
            + TimeUnit.NANOSECONDS.toSeconds(silence)
            + " s, node "
            + options.node()
            + " ends",
        last);
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
