package io.foresplit.runtime.node;

import io.foresplit.contract.JobSpec;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.SegmentReport;
import io.foresplit.runtime.ReportSink;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports at the end of each interval what was measured in it, then has probed what says nothing by
 * itself. Its own thread.
 */
final class ReportLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReportLoop.class);

  private final JobSpec job;
  private final NodeId node;
  private final Supplier<SegmentWorker> worker;
  private final Router router;
  private final NodeMetrics metrics;
  private final ReportSink sink;
  private final InstantSource wall;
  private final LongSupplier nanoTime;
  private final Pacer pacer;
  private final Thread thread;
  private long sequence;

  ReportLoop(
      JobSpec job,
      NodeId node,
      Supplier<SegmentWorker> worker,
      Router router,
      NodeMetrics metrics,
      ReportSink sink,
      InstantSource wall,
      LongSupplier nanoTime,
      Pacer pacer) {
    this.job = job;
    this.node = node;
    this.worker = worker;
    this.router = router;
    this.metrics = metrics;
    this.sink = sink;
    this.wall = wall;
    this.nanoTime = nanoTime;
    this.pacer = pacer;
    thread = new Thread(this::loop, "reports");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private void loop() {
    ProcessUsage usage = new ProcessUsage(nanoTime);
    long length = job.interval().toMillis();
    long interval = wall.millis() / length;
    probe();
    try {
      while (true) {
        long left = (interval + 1) * length - wall.millis();
        if (left > 0) {
          pacer.until(nanoTime.getAsLong() + left * 1_000_000);
          continue;
        }
        report(interval, usage);
        probe();
        interval = wall.millis() / length;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void report(long interval, ProcessUsage usage) {
    try {
      router.measure();
      usage.measure(metrics);
      SegmentWorker now = worker.get();
      Assignment assignment = now.assignment();
      sink.send(
          new SegmentReport(
              job.id(),
              node,
              assignment.firstLayer(),
              assignment.lastLayer(),
              assignment.epoch(),
              interval,
              ++sequence,
              Instant.ofEpochMilli(wall.millis()),
              now.steps(),
              metrics.drain()));
    } catch (RuntimeException e) {
      LOG.error("interval {} could not be reported", interval, e);
    }
  }

  private void probe() {
    router.probe(job.interval().toMillis() / 1e3);
    worker.get().measureReference();
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
