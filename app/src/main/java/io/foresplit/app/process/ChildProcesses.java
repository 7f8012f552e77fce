package io.foresplit.app.process;

import io.foresplit.app.config.StartupException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts JVM children with this JVM's java and class path, and ends them all on {@link #close}, or
 * when this JVM ends. A watched child also ends when this process is killed (see {@link
 * ParentWatch}); a detached one stays then. Ctrl-C in a terminal reaches this process alone, which
 * then ends its children in order. Thread-safe.
 */
public final class ChildProcesses implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ChildProcesses.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /**
   * What to start.
   *
   * @param name of the log file, such as {@code node-edge}
   * @param heap for -Xmx, such as {@code 256m}
   * @param arguments of the main class
   * @param detached whether it outlives a killed parent
   */
  public record Spec(
      String name, Class<?> mainClass, String heap, List<String> arguments, boolean detached) {
    public Spec {
      arguments = List.copyOf(arguments);
    }
  }

  private final Path logFolder;
  private final List<ChildProcess> children = new ArrayList<>();
  private final Thread atExit = new Thread(this::end, "end-children");
  private boolean closed;

  /** Output of the children goes to files in {@code logFolder}, made when missing. */
  public ChildProcesses(Path logFolder) {
    this.logFolder = logFolder;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Starts a child; its output is appended to {@code NAME.log}.
   *
   * @throws StartupException when the operating system refuses
   */
  public synchronized ChildProcess start(Spec spec) {
    if (closed) {
      throw new IllegalStateException("children are being ended, cannot start " + spec.name());
    }
    try {
      Files.createDirectories(logFolder);
      Path log = logFolder.resolve(spec.name() + ".log");
      ProcessBuilder builder = new ProcessBuilder(command(spec));
      // not as an argument: ONNX Runtime crashes where the command line is long
      builder.environment().put("CLASSPATH", absoluteClassPath());
      builder.environment().put("OMP_WAIT_POLICY", "PASSIVE");
      builder.environment().put("OMP_NUM_THREADS", "1");
      builder.redirectErrorStream(true);
      builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      if (spec.detached()) {
        builder.redirectInput(ProcessBuilder.Redirect.from(nullDevice()));
      }
      ChildProcess child = new ChildProcess(spec.name(), log, builder.start());
      children.add(child);
      LOG.info("started {} as process {}", spec.name(), child.pid());
      return child;
    } catch (IOException e) {
      throw new StartupException(
          "cannot start the process " + spec.name() + ": " + e.getMessage(), e);
    }
  }

  /** Ends every child: asks first, forces after 5 s; nothing is left. */
  @Override
  public void close() {
    end();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      LOG.debug("the JVM is ending already");
    }
  }

  private synchronized void end() {
    closed = true;
    for (int i = children.size() - 1; i >= 0; i--) {
      children.get(i).process().destroy();
    }
    if (!await(PATIENCE)) {
      for (ChildProcess child : children) {
        if (child.isAlive()) {
          LOG.warn("{} (process {}) did not end when asked, forcing it", child.name(), child.pid());
          child.process().destroyForcibly();
        }
      }
      if (!await(PATIENCE)) {
        LOG.error("children that cannot be ended: {}", alive());
      }
    }
    children.clear();
  }

  private boolean await(Duration limit) {
    CompletableFuture<?>[] exits =
        children.stream().map(ChildProcess::onExit).toArray(CompletableFuture<?>[]::new);
    try {
      CompletableFuture.allOf(exits).get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException | ExecutionException e) {
      return children.stream().noneMatch(ChildProcess::isAlive);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private String alive() {
    return children.stream()
        .filter(ChildProcess::isAlive)
        .map(c -> c.name() + " (process " + c.pid() + ")")
        .collect(Collectors.joining(", "));
  }

  private static List<String> command(Spec spec) {
    List<String> command = new ArrayList<>();
    if (!isWindows()) {
      // an ignored signal stays ignored over exec: Ctrl-C reaches the parent alone
      command.addAll(List.of("/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh"));
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + spec.heap());
    command.add("-XX:+UseSerialGC");
    // they compute in native code: the quick compiler alone lets them start sooner
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-D" + ParentWatch.PROPERTY + "=" + !spec.detached());
    command.add(spec.mainClass().getName());
    command.addAll(spec.arguments());
    return command;
  }

  private static String absoluteClassPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static File nullDevice() {
    return new File(isWindows() ? "NUL" : "/dev/null");
  }

  private static boolean isWindows() {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");
  }
}
