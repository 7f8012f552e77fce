package io.foresplit.runtime;

import io.foresplit.contract.NodeId;
import io.foresplit.runtime.node.NodeProcess;
import io.foresplit.runtime.security.SecurityFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A node in a JVM of its own with little memory, which ends at the first failed allocation. */
final class NodeInChild implements AutoCloseable {
  private final Process process;
  private final Path log;
  final int port;

  private NodeInChild(Process process, Path log, int port) {
    this.process = process;
    this.log = log;
    this.port = port;
  }

  /**
   * Starts a node and waits until it is ready.
   *
   * @param folder of {@code TestAuthority}, where the node's certificate is
   */
  static NodeInChild start(NodeId node, String coordinator, Path folder, int heapMegabytes)
      throws Exception {
    Path log = folder.resolve(node + ".log");
    Path port = folder.resolve(node + ".port");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx" + heapMegabytes + "m",
            "-XX:MaxDirectMemorySize=" + heapMegabytes + "m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "-cp",
            System.getProperty("java.class.path"),
            NodeInChild.class.getName(),
            node.value(),
            coordinator,
            folder.toString(),
            port.toString()));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    NodeInChild child = new NodeInChild(process, log, 0);
    long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!Files.exists(port)) {
      if (!process.isAlive() || System.nanoTime() > giveUp) {
        child.close();
        throw new AssertionError("the child did not start: " + child.log());
      }
      boolean unused = new CountDownLatch(1).await(20, TimeUnit.MILLISECONDS);
    }
    return new NodeInChild(process, log, Integer.parseInt(Files.readString(port)));
  }

  /** Runs in the child. */
  public static void main(String[] arguments) throws Exception {
    NodeId node = new NodeId(arguments[0]);
    Path folder = Path.of(arguments[2]);
    SecurityFiles files =
        new SecurityFiles(
            Optional.of(folder.resolve("ca.pem")),
            Optional.of(folder.resolve(node + ".pem")),
            Optional.of(folder.resolve(node + ".key")),
            true,
            Optional.of(folder.resolve("token")),
            Optional.empty());
    NodeProcess process =
        NodeProcess.start(
            SecuredTraining.options(node, arguments[1], files.read(Map.of())),
            SecuredTraining.environment());
    Path port = Path.of(arguments[3]);
    Path whole = Files.writeString(folder.resolve(node + ".part"), "" + process.port());
    Files.move(whole, port);
    process.awaitTermination();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  String log() throws IOException {
    return Files.readString(log);
  }

  /** Resident memory in bytes, as the kernel has it. */
  long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    throw new IOException("no VmRSS of process " + process.pid());
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
