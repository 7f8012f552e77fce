package io.foresplit.app.kafka;

import io.foresplit.app.config.StartupException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Kafka broker (KRaft, combined roles) in this process, on the loopback interface, with a
 * durable data folder. The folder remembers the port, so producers that outlive the broker find it
 * again. Thread-safe.
 */
public final class EmbeddedKafka implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedKafka.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(6);

  private final KafkaRaftServer server;
  private final FileChannel lock;
  private final int port;
  private boolean closed;

  private EmbeddedKafka(KafkaRaftServer server, FileChannel lock, int port) {
    this.server = server;
    this.lock = lock;
    this.port = port;
  }

  /**
   * Starts a broker and creates the topics; formats the folder when it is new.
   *
   * @param folder data folder of the broker, made when missing
   * @param port to listen on; 0 takes the one the folder remembers, or a free one
   * @param partitions of each topic
   * @throws StartupException when the port or the folder is in use, or the folder is damaged
   */
  public static EmbeddedKafka start(Path folder, int port, int partitions) {
    FileChannel lock = lock(folder);
    try {
      int chosen = choosePort(folder, port);
      KafkaRaftServer server = boot(folder, chosen);
      EmbeddedKafka kafka = new EmbeddedKafka(server, lock, chosen);
      try {
        TopicSetup.create(kafka.bootstrapServers(), partitions);
        HangingTransactions.end(kafka.bootstrapServers());
        Files.writeString(folder.resolve("port"), Integer.toString(chosen));
        return kafka;
      } catch (IOException | RuntimeException e) {
        kafka.close();
        throw e;
      }
    } catch (IOException e) {
      unlock(lock);
      throw new StartupException(
          "the Kafka data folder " + folder + " cannot be used: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      unlock(lock);
      throw e;
    }
  }

  /** Starts with one partition a topic. */
  public static EmbeddedKafka start(Path folder, int port) {
    return start(folder, port, 1);
  }

  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  public int port() {
    return port;
  }

  /** Stops the broker; what was acknowledged is on disk. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    Thread stopper = new Thread(this::shutDown, "kafka-shutdown");
    stopper.setDaemon(true);
    stopper.start();
    try {
      stopper.join(STOP_LIMIT.toMillis());
      if (stopper.isAlive()) {
        LOG.warn("the embedded Kafka broker did not stop within {}; left behind", STOP_LIMIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    unlock(lock);
  }

  private void shutDown() {
    server.shutdown();
    server.awaitShutdown();
  }

  private static FileChannel lock(Path folder) {
    try {
      Files.createDirectories(folder);
      FileChannel channel =
          FileChannel.open(
              folder.resolve("in-use.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        FileLock lock = channel.tryLock();
        if (lock != null) {
          return channel;
        }
      } catch (OverlappingFileLockException e) {
        // held by this process: same answer
      }
      channel.close();
    } catch (IOException e) {
      throw new StartupException(
          "the Kafka data folder " + folder + " cannot be opened for writing: " + e.getMessage(),
          e);
    }
    throw new StartupException(
        "the Kafka data folder "
            + folder
            + " is in use by another Foresplit; stop that one, or choose another data folder");
  }

  private static void unlock(FileChannel lock) {
    try {
      lock.close();
    } catch (IOException e) {
      LOG.warn("could not release the lock of the Kafka data folder: {}", e.getMessage());
    }
  }

  /**
   * The port a broker of a data folder would listen on, for those who must know before it starts.
   *
   * @param wanted 0 takes the one the folder remembers, or a free one
   */
  public static int choosePort(Path folder, int wanted) throws IOException {
    if (wanted != 0) {
      requireFree(wanted, "stop what uses it, or set kafka.port to another one (0 for a free one)");
      return wanted;
    }
    Optional<Integer> remembered = remembered(folder.resolve("port"));
    if (remembered.isPresent()) {
      requireFree(
          remembered.get(),
          "the data folder remembers it for running nodes; stop what uses it, or set kafka.port");
      return remembered.get();
    }
    return freePort();
  }

  private static Optional<Integer> remembered(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    String text = Files.readString(file).strip();
    return text.matches("\\d{1,5}") ? Optional.of(Integer.valueOf(text)) : Optional.empty();
  }

  private static void requireFree(int port, String advice) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw new StartupException(
          "port " + port + " on 127.0.0.1, wanted by the embedded Kafka, is in use: " + advice, e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      return probe.getLocalPort();
    }
  }

  /**
   * Starts the server on a thread of its own: a fatal fault inside Kafka would end the process, so
   * its exit becomes the answer here instead.
   */
  private static KafkaRaftServer boot(Path folder, int port) throws IOException {
    Properties properties = properties(folder, port, freePort());
    format(folder, properties);
    CompletableFuture<KafkaRaftServer> started = new CompletableFuture<>();
    Exit.Procedure fatal = (status, message) -> onFatal(started, message);
    Exit.setExitProcedure(fatal);
    Exit.setHaltProcedure(fatal);
    Thread starter =
        new Thread(
            () -> {
              try {
                KafkaRaftServer server =
                    new KafkaRaftServer(new KafkaConfig(properties), Time.SYSTEM);
                server.startup();
                started.complete(server);
              } catch (Throwable e) { // scala throws checked ones undeclared
                started.completeExceptionally(e);
              }
            },
            "kafka-startup");
    starter.setDaemon(true);
    starter.start();
    try {
      return started.get(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw damaged(folder, rootMessage(e), e);
    } catch (TimeoutException e) {
      throw damaged(folder, "the broker did not start within " + START_LIMIT.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("interrupted while the embedded Kafka started", e);
    }
  }

  private static void onFatal(CompletableFuture<KafkaRaftServer> started, @Nullable String why) {
    IllegalStateException fault =
        new IllegalStateException(why == null ? "fatal fault inside Kafka, see the log" : why);
    if (started.completeExceptionally(fault)) {
      throw fault;
    }
    if (started.isCompletedExceptionally()) {
      throw fault;
    }
    LOG.error("fatal fault inside the embedded Kafka, ending the process", fault);
    Runtime.getRuntime().halt(1);
  }

  private static StartupException damaged(Path folder, String why, Throwable cause) {
    return new StartupException(
        "the embedded Kafka cannot start from "
            + folder
            + ": "
            + why
            + "; move the folder away to start with an empty one",
        cause);
  }

  private static String rootMessage(Throwable problem) {
    Throwable root = problem;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return message == null
        ? root.getClass().getSimpleName()
        : message.lines().findFirst().orElse(message);
  }

  private static void format(Path folder, Properties properties) throws IOException {
    if (Files.exists(folder.resolve("log").resolve("meta.properties"))) {
      return;
    }
    Path file = folder.resolve("server.properties");
    try (var out = Files.newOutputStream(file)) {
      properties.store(out, "Written by Foresplit for formatting; not read afterwards.");
    }
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    int status;
    try (PrintStream print = new PrintStream(output, true, StandardCharsets.UTF_8)) {
      status =
          StorageTool.execute(
              new String[] {
                "format",
                "--cluster-id",
                Uuid.randomUuid().toString(),
                "--config",
                file.toString(),
                "--ignore-formatted"
              },
              print);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (RuntimeException e) {
      throw damaged(folder, rootMessage(e), e);
    }
    if (status != 0) {
      String why = output.toString(StandardCharsets.UTF_8).strip().replace('\n', ' ');
      throw damaged(folder, "formatting failed: " + why, new IOException(why));
    }
  }

  private static Properties properties(Path folder, int port, int controllerPort) {
    String controller = "127.0.0.1:" + controllerPort;
    Properties p = new Properties();
    p.setProperty("process.roles", "broker,controller");
    p.setProperty("node.id", "1");
    p.setProperty("controller.quorum.voters", "1@" + controller);
    p.setProperty("listeners", "CLIENT://127.0.0.1:" + port + ",CONTROLLER://" + controller);
    p.setProperty("advertised.listeners", "CLIENT://127.0.0.1:" + port);
    p.setProperty("inter.broker.listener.name", "CLIENT");
    p.setProperty("controller.listener.names", "CONTROLLER");
    p.setProperty("listener.security.protocol.map", "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    p.setProperty("log.dirs", folder.resolve("log").toAbsolutePath().toString());
    p.setProperty("auto.create.topics.enable", "false");
    p.setProperty("metric.reporters", "");
    // one broker: everything once
    p.setProperty("default.replication.factor", "1");
    p.setProperty("offsets.topic.replication.factor", "1");
    p.setProperty("offsets.topic.num.partitions", "1");
    p.setProperty("transaction.state.log.replication.factor", "1");
    p.setProperty("transaction.state.log.min.isr", "1");
    p.setProperty("transaction.state.log.num.partitions", "1");
    p.setProperty("share.coordinator.state.topic.replication.factor", "1");
    p.setProperty("share.coordinator.state.topic.min.isr", "1");
    p.setProperty("share.coordinator.state.topic.num.partitions", "1");
    p.setProperty("group.initial.rebalance.delay.ms", "0");
    // after a crash the folder's old registration has to expire before the broker is back
    p.setProperty("broker.heartbeat.interval.ms", "500");
    p.setProperty("broker.session.timeout.ms", "4000");
    // small footprint beside training
    p.setProperty("log.segment.bytes", Integer.toString(16 << 20));
    p.setProperty("offsets.topic.segment.bytes", Integer.toString(4 << 20));
    p.setProperty("transaction.state.log.segment.bytes", Integer.toString(4 << 20));
    p.setProperty("log.index.size.max.bytes", Integer.toString(1 << 20));
    p.setProperty("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
    p.setProperty("log.retention.hours", "24");
    p.setProperty("log.retention.bytes", Long.toString(512L << 20));
    p.setProperty("num.network.threads", "2");
    p.setProperty("num.io.threads", "2");
    p.setProperty("num.recovery.threads.per.data.dir", "1");
    p.setProperty("background.threads", "2");
    return p;
  }
}
