package io.foresplit.runtime.node;

import io.foresplit.contract.Metric;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What this process uses of its machine. Confined to one thread. */
final class ProcessUsage {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessUsage.class);
  private static final Path STATUS = Path.of("/proc/self/status");

  private final LongSupplier nanoTime;
  private final boolean hasStatus = Files.isReadable(STATUS);
  private long lastNanos;
  private Optional<Duration> lastCpu;

  ProcessUsage(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    lastNanos = nanoTime.getAsLong();
    lastCpu = cpu();
  }

  /** Adds CPU share since the last call, heap in use, and native memory where Linux tells it. */
  void measure(NodeMetrics metrics) {
    long nanos = nanoTime.getAsLong();
    Optional<Duration> cpu = cpu();
    if (cpu.isPresent() && lastCpu.isPresent() && nanos > lastNanos) {
      double share = (double) cpu.get().minus(lastCpu.get()).toNanos() / (nanos - lastNanos);
      metrics.add(Metric.CPU_SHARE, Math.max(0, share));
    }
    lastNanos = nanos;
    lastCpu = cpu;
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    metrics.add(Metric.HEAP_BYTES, (double) heap.getUsed());
    residentBytes()
        .ifPresent(
            resident ->
                metrics.add(
                    Metric.NATIVE_BYTES, (double) Math.max(0, resident - heap.getCommitted())));
  }

  private static Optional<Duration> cpu() {
    return ProcessHandle.current().info().totalCpuDuration();
  }

  private Optional<Long> residentBytes() {
    if (!hasStatus) {
      return Optional.empty();
    }
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .map(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst();
    } catch (IOException | NumberFormatException e) {
      LOG.debug("{} cannot be read: {}", STATUS, e.toString());
      return Optional.empty();
    }
  }
}
