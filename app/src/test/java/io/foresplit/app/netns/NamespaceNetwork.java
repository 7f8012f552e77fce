package io.foresplit.app.netns;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A chain of hosts as Linux network namespaces. Neighbours are joined by one shaped veth pair, and
 * reach each other over it alone. Every host is also on an unshaped management network, a bridge in
 * a namespace of its own, on which the coordinator and this JVM are too. Needs root; leaves nothing
 * behind. Not thread-safe.
 */
final class NamespaceNetwork implements AutoCloseable {
  private static final String MANAGEMENT = "core";
  private static final String BRIDGE = "bridge";
  private static final int THIS_JVM = 2;
  private static final int FIRST_HOST = 11;
  private static final AtomicInteger MADE = new AtomicInteger();

  private final String prefix = "fs" + ProcessHandle.current().pid() + "n" + MADE.incrementAndGet();
  private final List<String> chain;
  private final boolean netem;
  private final String subnet;
  private final Deque<List<String>> undo = new ArrayDeque<>();
  private final Thread atExit = new Thread(this::remove, "remove-namespaces");

  /**
   * What this machine allows.
   *
   * @param obstacle why there can be no namespaces here; empty when there can
   * @param netem whether the kernel emulates delay and loss
   */
  record Support(Optional<String> obstacle, boolean netem) {
    private static Support none(String reason) {
      return new Support(Optional.of(reason), false);
    }
  }

  private NamespaceNetwork(List<String> chain, boolean netem) throws IOException {
    this.chain = List.copyOf(chain);
    this.netem = netem;
    this.subnet = freeSubnet();
  }

  /** Looks whether namespaces and shaping work here, by making one. */
  static Support support() throws IOException {
    if (!System.getProperty("os.name").equals("Linux")) {
      return Support.none("network namespaces need Linux");
    }
    if (!run("id", "-u").equals("0")) {
      return Support.none("network namespaces need root");
    }
    for (String program : List.of("ip", "tc")) {
      if (!installed(program)) {
        return Support.none("the program " + program + " is missing (Debian: iproute2)");
      }
    }
    String probe = "fs" + ProcessHandle.current().pid() + "probe";
    try {
      run("ip", "netns", "add", probe);
    } catch (IOException e) {
      return Support.none(e.getMessage());
    }
    try {
      run("ip", "netns", "exec", probe, "tc", "qdisc", "show");
      return new Support(Optional.empty(), knowsNetem(probe));
    } catch (IOException e) {
      return Support.none(e.getMessage());
    } finally {
      run("ip", "netns", "del", probe);
    }
  }

  private static boolean knowsNetem(String namespace) {
    try {
      run("tc", "-n", namespace, "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Makes the hosts of a chain, in order; links are not shaped yet. */
  static NamespaceNetwork create(List<String> chain, Support support) throws IOException {
    NamespaceNetwork network = new NamespaceNetwork(chain, support.netem());
    Runtime.getRuntime().addShutdownHook(network.atExit);
    try {
      network.makeManagementNetwork();
      for (String host : chain) {
        network.makeHost(host);
      }
      for (int i = 0; i + 1 < chain.size(); i++) {
        network.makeLink(chain.get(i), chain.get(i + 1));
      }
      return network;
    } catch (IOException | RuntimeException e) {
      network.close();
      throw e;
    }
  }

  /** Where the coordinator is. */
  String management() {
    return MANAGEMENT;
  }

  /** The address of a host, which is how all others reach it. */
  String address(String host) {
    return subnet + (host.equals(MANAGEMENT) ? 1 : FIRST_HOST + chain.indexOf(host));
  }

  /** A command that runs in the namespace of a host, as the process that is started. */
  List<String> in(String host, List<String> command) {
    List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", namespace(host)));
    whole.addAll(command);
    return whole;
  }

  /** The name that a host's network device has for the link to a neighbour. */
  static String device(String neighbour) {
    return "to-" + neighbour;
  }

  /** Shapes both directions of a link. */
  void shape(String one, String other, Shape shape) throws IOException {
    shapeDirection(one, other, shape);
    shapeDirection(other, one, shape);
  }

  private void shapeDirection(String from, String to, Shape shape) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of("tc", "-n", namespace(from), "qdisc", "replace", "dev", device(to), "root"));
    command.addAll(netem ? shape.netem() : shape.tokenBucket());
    run(command.toArray(String[]::new));
  }

  /**
   * Takes a link down at its first end; what is on its way is lost, and the far end is not told.
   */
  void cut(String one, String other) throws IOException {
    ip(one, "link", "set", device(other), "down");
  }

  /** Brings a link back that was cut. */
  void restore(String one, String other) throws IOException {
    ip(one, "link", "set", device(other), "up");
    route(one, other); // went with the device
  }

  private void makeManagementNetwork() throws IOException {
    makeNamespace(MANAGEMENT);
    ip(MANAGEMENT, "link", "add", BRIDGE, "type", "bridge");
    ip(MANAGEMENT, "address", "add", address(MANAGEMENT) + "/24", "dev", BRIDGE);
    ip(MANAGEMENT, "link", "set", BRIDGE, "up");
    String outside = prefix;
    run(
        "ip",
        "link",
        "add",
        outside,
        "type",
        "veth",
        "peer",
        "name",
        "outside",
        "netns",
        namespace(MANAGEMENT));
    undo.push(List.of("ip", "link", "del", outside));
    join("outside");
    run("ip", "address", "add", subnet + THIS_JVM + "/24", "dev", outside);
    run("ip", "link", "set", outside, "up");
  }

  private void makeHost(String host) throws IOException {
    makeNamespace(host);
    ip(
        host,
        "link",
        "add",
        MANAGEMENT,
        "type",
        "veth",
        "peer",
        "name",
        host,
        "netns",
        namespace(MANAGEMENT));
    join(host);
    ip(host, "address", "add", address(host) + "/24", "dev", MANAGEMENT);
    ip(host, "link", "set", MANAGEMENT, "up");
  }

  private void makeNamespace(String host) throws IOException {
    run("ip", "netns", "add", namespace(host));
    undo.push(List.of("ip", "netns", "del", namespace(host)));
    ip(host, "link", "set", "lo", "up");
  }

  private void join(String port) throws IOException {
    ip(MANAGEMENT, "link", "set", port, "master", BRIDGE, "up");
  }

  private void makeLink(String one, String other) throws IOException {
    ip(
        one,
        "link",
        "add",
        device(other),
        "type",
        "veth",
        "peer",
        "name",
        device(one),
        "netns",
        namespace(other));
    for (List<String> end : List.of(List.of(one, other), List.of(other, one))) {
      // without it a packet is up to 64 KiB, and netem would lose as much at once
      ip(end.get(0), "link", "set", device(end.get(1)), "gso_max_segs", "1", "up");
      route(end.get(0), end.get(1));
      // without it, a link that is down would be gone round by the management network
      ip(end.get(0), "route", "add", "unreachable", address(end.get(1)), "metric", "100");
    }
  }

  private void route(String from, String to) throws IOException {
    ip(from, "route", "add", address(to), "dev", device(to), "src", address(from));
  }

  private String namespace(String host) {
    return prefix + "-" + host;
  }

  /** A private network that this machine has no route into, without the last number. */
  private static String freeSubnet() throws IOException {
    for (int third = 0; third < 256; third++) {
      String subnet = "10.213." + third + ".";
      String routes =
          run("ip", "-4", "route", "show", "match", subnet + "0/24")
              + run("ip", "-4", "route", "show", "root", subnet + "0/24");
      if (routes.lines().allMatch(line -> line.isBlank() || line.startsWith("default"))) {
        return subnet;
      }
    }
    throw new IOException("no part of 10.213.0.0/16 is free here");
  }

  private void ip(String host, String... arguments) throws IOException {
    run(
        Stream.concat(Stream.of("ip", "-n", namespace(host)), Stream.of(arguments))
            .toArray(String[]::new));
  }

  private static boolean installed(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  /** Runs a program to its end and returns its output. */
  private static String run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(String.join(" ", command) + " does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted in " + String.join(" ", command), e);
    }
    if (process.exitValue() != 0) {
      throw new IOException(String.join(" ", command) + ": " + output);
    }
    return output;
  }

  /** Names of what is still there of this network; for tests of {@link #close}. */
  List<String> remains() throws IOException {
    return Stream.concat(
            run("ip", "netns", "list").lines(), run("ip", "-o", "link", "show").lines())
        .filter(line -> line.contains(prefix))
        .toList();
  }

  /** Removes everything; processes in it must have ended. */
  @Override
  public void close() {
    remove();
    Runtime.getRuntime().removeShutdownHook(atExit);
  }

  private synchronized void remove() {
    while (!undo.isEmpty()) {
      try {
        run(undo.pop().toArray(String[]::new));
      } catch (IOException e) {
        System.err.println("could not be removed: " + e.getMessage());
      }
    }
  }
}
